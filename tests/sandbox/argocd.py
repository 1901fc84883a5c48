"""What Argo CD makes of an object with the scripts in gitops/argocd: its health, and the actions on offer.

The scripts run in either of two interpreters of Lua 5.1: `in_process`, or Argo CD's own, built with Go.
"""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lupa.lua51 import LuaError, LuaRuntime, lua_type

from tests.sandbox.controlplane.modules import Program
from tests.sandbox.go_tools import built
from tests.sandbox.paths import ROOT
from tests.support.drift import merge_patch

Json = dict[str, Any]
Lua = Callable[[str, Json], Any]
"""Runs a script with the object as its `obj`, and returns the JSON of its answer. Raises `ScriptFailed`."""

SCRIPTS: Final = ROOT / "gitops" / "argocd" / "emrjobs.dev" / "EmrJobRun"
ACTIONS: Final = ("cancel", "suspend", "resume")
HEALTHS: Final = frozenset({"Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown"})
HOOK_FINALIZER: Final = "argocd.argoproj.io/hook-finalizer"
PROGRAM: Final = Program("argolua", "argolua", ".", 10)
# Argo CD opens base, table and package only.
_NOT_OPEN: Final = ("string", "math", "io", "debug", "coroutine", "os", "python")


class ScriptFailed(Exception):
    """The script raised, or gave what Argo CD cannot use."""


@dataclass(frozen=True, slots=True)
class Health:
    status: str
    message: str


def text(name: str) -> str:
    """The script of that name, such as `health.lua` or `actions/cancel/action.lua`."""
    return (SCRIPTS / name).read_text(encoding="utf-8")


def health(lua: Lua, item: Json) -> Health:
    """As Argo CD does it: of an object that is going, the script is asked only for a hook that it holds."""
    metadata = item.get("metadata", {})
    if "deletionTimestamp" in metadata and HOOK_FINALIZER not in metadata.get("finalizers", ()):
        return Health("Progressing", "Pending deletion")
    said = lua(text("health.lua"), item)
    if not isinstance(said, dict) or said.get("status") not in HEALTHS:
        raise ScriptFailed(f"no health: {said}")
    return Health(**said)


def on_offer(lua: Lua, item: Json) -> set[str]:
    """The actions that are enabled."""
    said: dict[str, Json] = lua(text("actions/discovery.lua"), item)
    assert set(said) == set(ACTIONS)
    return {name for name, action in said.items() if not action.get("disabled", False)}


def patch_of(lua: Lua, action: str, item: Json) -> Json:
    """The merge patch that Argo CD sends: from the object to what the action returns."""
    return merge_patch(item, _as_before(lua(text(f"actions/{action}/action.lua"), item), item))


def in_process(script: str, item: Json) -> Any:
    """The interpreter that is part of the test's own process."""
    runtime = LuaRuntime(register_eval=False, register_builtins=False)
    runtime.execute('getmetatable("").__index = nil')
    for library in _NOT_OPEN:
        runtime.globals()[library] = None
    runtime.globals()["obj"] = _to_lua(runtime, item)
    try:
        return _from_lua(runtime.execute(script))
    except LuaError as error:
        raise ScriptFailed(str(error)) from error


def own_interpreter() -> Lua | None:
    """Argo CD's interpreter; None where it is not there and cannot be built."""
    program = built(PROGRAM)
    return None if program is None else lambda script, item: _asked(program, script, item)


def _asked(program: Path, script: str, item: Json) -> Any:
    question = json.dumps({"script": script, "object": item})
    done = subprocess.run([str(program)], input=question, capture_output=True, text=True, check=True, timeout=30)
    answer = json.loads(done.stdout)
    if answer["error"]:
        raise ScriptFailed(answer["error"])
    return answer["value"]


def _to_lua(runtime: LuaRuntime, value: Any) -> Any:
    match value:
        case dict():
            return runtime.table_from({key: _to_lua(runtime, item) for key, item in value.items()})
        case list():
            return runtime.table_from([_to_lua(runtime, item) for item in value])
        case _:
            return value


def _from_lua(value: Any) -> Any:
    """An empty table is a list, as in Argo CD."""
    if lua_type(value) != "table":
        return value
    items = dict(value.items())
    if all(isinstance(key, int) for key in items):
        return [_from_lua(items[number]) for number in sorted(items)]
    return {key: _from_lua(item) for key, item in items.items()}


def _as_before(new: Any, old: Any) -> Any:
    """An empty object came back as an empty list, and Argo CD puts that right."""
    if isinstance(old, dict) and new == []:
        return old if old == {} else {}
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: _as_before(item, old.get(key)) for key, item in new.items()}
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [_as_before(item, was) for item, was in zip(new, old, strict=True)]
    return new
