"""``emrjobs render``: the StartJobRun request that a manifest would send, without cluster or account.

Each request is one JSON object that ``aws emr-containers start-job-run --cli-input-json`` takes. It has no
``clientToken``: the operator sends the object's uid, which a manifest does not have yet.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.job_run.manifest import Manifest, NotYaml, manifests
from emrjobs.core.job_run.parsing import SpecProblem, parse_spec
from emrjobs.core.job_run.request import request

FINE: Final = 0
WRONG: Final = 1
"""At least one manifest breaks a rule."""
UNREADABLE: Final = 2
"""A file cannot be read, is not YAML, or holds no EmrJobRun."""


def main(files: Sequence[str]) -> int:
    """Render all files, ``-`` being the standard input. Problems go to stderr; the exit code is the worst."""
    return max([_render(file) for file in files] or [UNREADABLE])


def _render(file: str) -> int:
    try:
        found = list(manifests(_text(file)))
    except (OSError, UnicodeDecodeError, NotYaml) as error:
        return _complain(file, _why(error), UNREADABLE)
    runs = [each for each in found if isinstance(each, Manifest)]
    for other in found:
        if isinstance(other, str):
            print(f"{file}: {other!r} is not an {EMR_JOB_RUN.kind}: passed over", file=sys.stderr)
    if not runs:
        return _complain(file, f"holds no {EMR_JOB_RUN.kind}", UNREADABLE)
    return max(_render_one(file, run) for run in runs)


def _text(file: str) -> str:
    raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return raw.decode("utf-8-sig")


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or "cannot be read"
    return str(error) if isinstance(error, NotYaml) else "is not UTF-8"


def _render_one(file: str, run: Manifest) -> int:
    where = f"{file}: {EMR_JOB_RUN.kind} {run.object_name or '(without a name)'}"
    spec = parse_spec(run.spec)
    problems = [*run.problems, *_of_spec(run, spec)]
    for problem in problems:
        print(f"{where}: {problem}", file=sys.stderr)
    if problems or isinstance(spec, SpecProblem):
        return WRONG
    print(json.dumps(request(spec, object_name=run.object_name), indent=2))
    return FINE


def _of_spec(run: Manifest, spec: object) -> Iterator[str]:
    if run.spec is None:
        yield "spec: is required"
    elif isinstance(spec, SpecProblem):
        yield from map(str, spec.problems)


def _complain(file: str, text: str, code: int) -> int:
    print(f"{file}: {text}", file=sys.stderr)
    return code
