"""One corpus of specs, judged alike by the models, by a real API server, and by AWS as far as its model says."""

from collections import Counter

import pytest

from tests.contract.corpus import judges
from tests.contract.corpus.cases import Case
from tests.contract.corpus.corpus import Judged, corpus, judged, reason_for, told
from tests.contract.corpus.divergences import DIVERGENCES
from tests.sandbox.world import REGION, World

ENOUGH = 2000

# Thousands of requests to two servers, on machines that are busy with more.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def results(world: World) -> Judged:
    found = judged(corpus(), judges.api_server(world.kube, "default"), judges.aws(world.emr_url, REGION))
    world.sim.reset()
    return found


def test_the_corpus_is_large_and_tries_every_kind_both_ways() -> None:
    cases = corpus()
    taken = Counter((case.kind, judges.models(case.spec) is None) for case in cases)
    assert len(cases) >= ENOUGH
    only_refused, only_taken = {"unknown", "misspelt"}, {"subset", "together"}
    assert [kind for kind, _ in taken if not taken[kind, True] and kind not in only_refused] == []
    assert [kind for kind, _ in taken if not taken[kind, False] and kind not in only_taken] == []


def test_all_judge_alike_but_for_the_listed_divergences(results: Judged) -> None:
    apart = [told(*pair) for pair in results if not pair[1].agree() and reason_for(*pair) is None]
    assert not apart, f"{len(apart)} disagreements:\n" + "\n".join(apart[:20])


@pytest.mark.parametrize("divergence", DIVERGENCES, ids=lambda divergence: divergence.name)
def test_every_listed_divergence_is_still_one(results: Judged, divergence: object) -> None:
    needed = {reason_for(*pair) for pair in results if not pair[1].agree()}
    assert divergence in needed


def test_a_refusal_names_the_member_or_the_one_that_holds_it(results: Judged) -> None:
    silent = [
        told(case, verdicts)
        for case, verdicts in results
        for words in (verdicts.models, verdicts.api_server)
        if words is not None and not _named(case, words)
    ]
    assert not silent, "\n".join(silent[:10])


def _named(case: Case, words: str) -> bool:
    members = [step for step in case.place if isinstance(step, str)] or ["spec"]
    return any(member in words for member in members[-2:])
