"""The table of situations: what Argo CD and Flux make of an object, by their own engines, acted out.

``python -m tests.integration.gitops_table`` brings each situation about in a world of its own and prints the table.
"""

import secrets
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.sandbox import argocd, kstatus
from tests.sandbox.table import table
from tests.sandbox.world import World
from tests.support.jobs import Jobs
from tests.support.kube import Json
from tests.support.poll import TimedOut, until
from tests.support.shared_operator import ENVIRONMENT
from tests.support.situations import SITUATIONS

PATIENCE: Final = 40.0
HEADS: Final = ("situation", "state", "Argo CD", "kstatus", "actions on offer")


@dataclass(frozen=True, slots=True)
class Engines:
    """Argo CD's Lua and Flux's kstatus."""

    lua: argocd.Lua
    kstatus: Path

    def judge(self, item: Json) -> tuple[str, str, str, str]:
        """State, health, kstatus's verdict, and the actions that Argo CD offers."""
        said = kstatus.verdicts(self.kstatus, [item])[0].status
        offers = [action for action in argocd.ACTIONS if action in argocd.on_offer(self.lua, item)]
        state = item.get("status", {}).get("state", "")
        return state, argocd.health(self.lua, item).status, said, ", ".join(offers)

    def patch(self, action: str, item: Json) -> Json:
        """The merge patch that Argo CD sends for that action."""
        return argocd.patch_of(self.lua, action, item)


def engines() -> Engines | None:
    """Both; None where one is not built and cannot be."""
    lua, program = argocd.own_interpreter(), kstatus.program()
    return None if lua is None or program is None else Engines(lua, program)


def judged(jobs: Jobs, both: Engines, name: str) -> tuple[str, ...]:
    """Bring the situation about, and wait for what is meant; what is found instead comes back as it is."""
    wanted = SITUATIONS[name]
    kept = wanted.arrange(jobs, name)
    if kept is not None:
        return both.judge(kept)
    meant = (wanted.state, wanted.argo, wanted.kstatus)
    try:
        return until(lambda: _same(both.judge(jobs.runs.get(name)), meant), PATIENCE, name)
    except TimedOut:
        return both.judge(jobs.runs.get(name))


def play(jobs: Jobs, both: Engines, names: Sequence[str] = tuple(SITUATIONS)) -> dict[str, tuple[str, ...]]:
    """All situations at the same time."""
    with ThreadPoolExecutor(8) as pool:
        return dict(zip(names, pool.map(lambda name: judged(jobs, both, name), names), strict=True))


def wrong(found: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The situations that were not judged as meant."""
    meant = {name: (each.state, each.argo, each.kstatus) for name, each in SITUATIONS.items()}
    return [f"{name}: {cells}" for name, cells in found.items() if cells[:3] != meant[name]]


def _same(found: tuple[str, ...], meant: tuple[str, ...]) -> tuple[str, ...] | None:
    return found if found[:3] == meant else None


def main() -> int:
    """Print the table as it was found; 1 if a verdict is not as meant, 2 without the engines."""
    both = engines()
    if both is None:
        sys.stderr.write("kstatus or the interpreter of Argo CD is not built, and there is no Go to build it.\n")
        return 2
    with World() as world:
        world.operator(**ENVIRONMENT)
        namespace = f"table-{secrets.token_hex(4)}"
        world.kube.create_namespace(namespace)
        found = play(Jobs(world.kube.runs(namespace), world.sim), both)
    rows = [(name.replace("-", " "), *cells) for name, cells in found.items()]
    sys.stdout.write(table(HEADS, rows) + "\n")
    sys.stdout.write("\n".join(["Not as meant:", *wrong(found)]) + "\n" if wrong(found) else "All as meant.\n")
    return 1 if wrong(found) else 0


if __name__ == "__main__":
    sys.exit(main())
