"""What all models share: the set of the members given is one for all values with these members."""

from emrjobs.api.job_run.status import EmrJobRunStatus


def test_values_with_the_same_members_share_the_set_of_them() -> None:
    first, second = (EmrJobRunStatus.model_validate({"state": state}) for state in ("RUNNING", "FAILED"))
    assert first.model_fields_set is second.model_fields_set


def test_a_changed_copy_leaves_the_set_of_the_others_alone() -> None:
    first, second = (EmrJobRunStatus.model_validate({"state": "RUNNING"}) for _ in range(2))
    changed = first.model_copy(update={"name": "job"})
    assert changed.model_fields_set == {"state", "name"}
    assert second.model_fields_set == {"state"}
