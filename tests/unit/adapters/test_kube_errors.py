"""What a refusal of the API server says: whether it lies in the object alone, and whether an object is gone."""

import pytest

from emrjobs.adapters.kube import ConflictError, ForbiddenError, KubeError, NotFoundError, _error

NAMED = {"reason": "NotFound", "details": {"name": "job"}}


@pytest.mark.parametrize(
    ("status", "body", "own_fault"),
    [
        pytest.param(422, {"reason": "Invalid"}, True, id="it does not fit the CRD"),
        pytest.param(413, None, True, id="the request is too large"),
        pytest.param(500, {"message": "etcdserver: request is too large"}, True, id="etcd finds it too large"),
        pytest.param(500, {"message": "etcdserver: leader changed"}, False, id="etcd has a trouble of its own"),
        pytest.param(500, None, False, id="no word"),
        pytest.param(409, {"reason": "Conflict"}, False, id="a conflict"),
    ],
)
def test_a_refusal_that_lies_in_one_object_counts_against_nobody_else(
    status: int, body: object, own_fault: bool
) -> None:
    assert _error(status, body).own_fault is own_fault


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, NAMED, NotFoundError),
        (404, {"reason": "NotFound"}, KubeError),
        (404, None, KubeError),
        (403, None, ForbiddenError),
        (409, {"reason": "Conflict"}, ConflictError),
    ],
)
def test_each_refusal_has_a_class(status: int, body: object, kind: type[KubeError]) -> None:
    assert type(_error(status, body)) is kind
