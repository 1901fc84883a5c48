"""Reads the spec of an EmrJobRun, within a bound of its size. Pure."""

from typing import Final, TypeVar

from emrjobs.api.job_run.spec import EmrJobRunSpec, PartialSpec
from emrjobs.core.parsing import FieldProblem, SpecProblem, read_spec, size_of

LARGEST_SPEC: Final = 262_144
"""Bytes of a spec as JSON. AWS takes less of most members; what it would take of others could fill our memory, and
leaves no room for a status: the API server takes objects of about 1,500,000 bytes."""


Spec = TypeVar("Spec", bound=PartialSpec)


def parse_spec(raw: object, size: int | None = None) -> EmrJobRunSpec | SpecProblem:
    """The spec, or all that is wrong with it. Never raises on what JSON can hold. ``size``: where it is known."""
    return _parse(EmrJobRunSpec, raw, size)


def parse_partial_spec(raw: object, size: int | None = None) -> PartialSpec | SpecProblem:
    """The same of a spec of which a policy may supply the rest."""
    return _parse(PartialSpec, raw, size)


def _parse(model: type[Spec], raw: object, size: int | None) -> Spec | SpecProblem:
    size = size_of(raw) if size is None else size
    if size > LARGEST_SPEC:
        rule = f"has about {size} bytes as JSON, and may have {LARGEST_SPEC} (a bound of emrjobs, not of AWS)"
        return SpecProblem((FieldProblem("spec", rule),))
    return read_spec(model, raw)
