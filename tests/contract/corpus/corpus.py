"""The whole corpus, each spec once, and its judgement."""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from tests.contract.corpus.cases import Case
from tests.contract.corpus.containers import containers
from tests.contract.corpus.divergences import DIVERGENCES, Divergence
from tests.contract.corpus.judges import Judge, Verdicts, models
from tests.contract.corpus.scalars import scalars
from tests.contract.corpus.wholes import wholes

Judged = list[tuple[Case, Verdicts]]

_AT_ONCE = 8


def corpus() -> list[Case]:
    """All cases; of several that make the same spec, the first."""
    first: dict[str, Case] = {}
    for case in (*scalars(), *containers(), *wholes()):
        first.setdefault(json.dumps(case.spec, sort_keys=True), case)
    return list(first.values())


def judged(cases: Iterable[Case], api_server: Judge, aws: Judge) -> Judged:
    """Every case before all three judges."""

    def verdicts(case: Case) -> tuple[Case, Verdicts]:
        return case, Verdicts(models(case.spec), api_server(case.spec), aws(case.spec))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(verdicts, cases))


def reason_for(case: Case, verdicts: Verdicts) -> Divergence | None:
    """The listed divergence that explains this disagreement."""
    fitting = (d for d in DIVERGENCES if verdicts.taken() in d.taken and d.covers(case))
    return next(fitting, None)


def told(case: Case, verdicts: Verdicts) -> str:
    """A disagreement, for people."""
    words = zip(("models", "API server", "AWS"), (verdicts.models, verdicts.api_server, verdicts.aws), strict=True)
    return "\n  ".join([str(case), *(f"{judge}: {(why or 'taken')[-300:]}" for judge, why in words)])
