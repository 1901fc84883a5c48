"""Reads the spec of an EmrJobPolicy, within a bound of its size. Pure."""

from typing import Final

from emrjobs.api.job_policy.spec import EmrJobPolicySpec
from emrjobs.core.parsing import FieldProblem, SpecProblem, read_spec, size_of

LARGEST_POLICY: Final = 65_536
"""Bytes of a spec as JSON: policies are compiled, and looked through for each request."""


def parse_policy(raw: object) -> EmrJobPolicySpec | SpecProblem:
    """The spec, or all that is wrong with it. Never raises on what JSON can hold."""
    size = size_of(raw)
    if size > LARGEST_POLICY:
        rule = f"has about {size} bytes as JSON, and may have {LARGEST_POLICY}"
        return SpecProblem((FieldProblem("spec", rule),))
    return read_spec(EmrJobPolicySpec, raw)
