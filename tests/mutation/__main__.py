"""`python -m tests.mutation`: put small bugs into the core, one at a time, and see whether the tests notice."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.mutation import tested, trial
from tests.mutation.forks import forked, preload
from tests.mutation.mutants import CORE, Mutant, Verdict, all_mutants, known_equivalent, sample
from tests.sandbox.table import table

ENOUGH = 0.9
TELL_SECONDS = 20.0
WATCH_SECONDS = 600.0
WORDS = ("killed", "hung", "survived", "untested")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--mutants", default="300", help="how many, drawn by chance; 'all' for all (about 1 s each)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--only", action="append", default=[], help="modules, by a part of their path")
    return parser


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def what_is_tested() -> tested.Tested:
    """Run the tests once, in a fork."""
    say("Running the tests once, to see what they go through.")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "tested.json"

        code = forked(lambda: tested.watch(CORE, target), WATCH_SECONDS)
        found = tested.read(target) if target.exists() else tested.Tested()
    if code != 0 or found.failed:
        raise SystemExit(f"Without any bug the tests end with {code}: {', '.join(found.failed[:5])}")
    preload(found.loaded)
    return found


class Log:
    """The verdicts so far, told now and then."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._told = time.monotonic()
        self.found: list[Verdict] = []

    def take(self, verdict: Verdict) -> None:
        self.found.append(verdict)
        if not verdict.caught:
            say(f"{verdict.word} {verdict.mutant}")
        if time.monotonic() - self._told > TELL_SECONDS:
            self._told = time.monotonic()
            missed = sum(not one.caught for one in self.found)
            say(f"{len(self.found)} of {self._count}, {missed} not noticed")


def judged(mutants: Sequence[Mutant]) -> list[Verdict]:
    log, seen = Log(len(mutants)), what_is_tested()
    trial.of_modules([mutant for mutant in mutants if not mutant.change.function], seen, log.take)
    trial.of_functions([mutant for mutant in mutants if mutant.change.function], seen, log.take)
    order = {mutant: place for place, mutant in enumerate(mutants)}
    return sorted(log.found, key=lambda one: order[one.mutant])


def score(found: Sequence[Verdict]) -> float:
    return sum(one.caught for one in found) / len(found) if found else 1.0


def report(found: Sequence[Verdict]) -> str:
    """A line for each module, and one for all."""
    modules: dict[str, list[Verdict]] = {}
    for one in found:
        modules.setdefault(str(one.mutant.path.relative_to(CORE)), []).append(one)
    lines = [_line(name, own) for name, own in modules.items()]
    return table(["module", "mutants", *WORDS, "score"], [*lines, _line("all", found)])


def _line(name: str, found: Sequence[Verdict]) -> list[str]:
    words = Counter(one.word for one in found)
    return [name, str(len(found)), *(str(words[word]) for word in WORDS), f"{100 * score(found):.1f} %"]


def main() -> int:
    options = arguments().parse_args()
    known, everything = known_equivalent(), all_mutants()
    gone = sorted(known.keys() - {mutant.key for mutant in everything})
    real = [mutant for mutant in everything if mutant.key not in known]
    chosen = [m for m in real if not options.only or any(part in m.file for part in options.only)]
    count = None if options.mutants == "all" else int(options.mutants)
    found = judged(sample(chosen, count, options.seed))
    print(report(found))
    print(f"{len(known)} more change nothing; seed {options.seed}, {len(found)} of {len(chosen)} mutants")
    for one in found:
        if not one.caught:
            print(f"{one.word.upper()} {one.mutant}")
    for key in gone:
        print(f"NO SUCH MUTANT {key}")
    return 0 if score(found) >= ENOUGH and not gone else 1


if __name__ == "__main__":
    sys.exit(main())
