"""``python -m tests.contract.corpus``: judge the corpus in a sandbox of its own, and print what came out."""

import sys
from collections import Counter
from collections.abc import Iterator

from tests.contract.corpus import judges
from tests.contract.corpus.corpus import Judged, corpus, judged, reason_for, told
from tests.contract.corpus.divergences import DIVERGENCES
from tests.sandbox.world import REGION, World


def main() -> int:
    """Exit 0 if all disagreements are listed ones."""
    with World() as world:
        api_server = judges.api_server(world.kube, "default")
        results = judged(corpus(), api_server, judges.aws(world.emr_url, REGION))
    apart = [pair for pair in results if not pair[1].agree()]
    unlisted = [told(*pair) for pair in apart if reason_for(*pair) is None]
    lines = [*_kinds(results), *_divergences(apart), f"other disagreements: {len(unlisted)}", *unlisted]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if unlisted else 0


def _kinds(results: Judged) -> Iterator[str]:
    kinds = Counter(case.kind for case, _ in results)
    taken = Counter(case.kind for case, verdicts in results if verdicts.models is None)
    yield f"{'kind':12} {'cases':>6} {'taken':>6}"
    for kind, number in sorted(kinds.items()):
        yield f"{kind:12} {number:6} {taken[kind]:6}"
    yield f"{'all':12} {kinds.total():6} {taken.total():6}"


def _divergences(apart: Judged) -> Iterator[str]:
    by_name = Counter(reason.name for pair in apart if (reason := reason_for(*pair)))
    yield f"listed divergences: {by_name.total()}"
    for divergence in DIVERGENCES:
        yield f"{by_name[divergence.name]:6} {divergence.name}: {divergence.reason}"


if __name__ == "__main__":
    sys.exit(main())
