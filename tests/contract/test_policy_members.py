"""A policy judges every member that StartJobRun has, and every member of the spec."""

from collections.abc import Iterator

from botocore.model import Shape, StructureShape

from emrjobs.api.job_run.spec import PartialSpec
from emrjobs.core.job_policy.members import MEMBERS
from tests.contract.shapes import start_job_run


def leaves(shape: Shape, path: str = "") -> Iterator[str]:
    """The members of the request that hold values; lists and maps are whole."""
    if path in MEMBERS or not isinstance(shape, StructureShape):
        yield path
        return
    for name, member in shape.members.items():
        yield from leaves(member, f"{path}.{name}" if path else name)


def test_what_botocore_knows_is_judged() -> None:
    assert set(leaves(start_job_run())) - MEMBERS.keys() == {"clientToken"}


def test_our_own_members_are_judged() -> None:
    assert set(PartialSpec.own_members()) <= MEMBERS.keys()


def test_the_table_names_no_member_that_there_is_not() -> None:
    known = set(leaves(start_job_run())) | set(PartialSpec.own_members())
    assert MEMBERS.keys() <= known
