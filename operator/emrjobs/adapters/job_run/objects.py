"""EmrJobRuns between the API server's JSON and values. Never raises on what an object holds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from emrjobs.api.interning import Instant, shared
from emrjobs.api.job_run.spec import PartialSpec
from emrjobs.api.job_run.status import EmrJobRunStatus
from emrjobs.core.job_run.large_spec import LargeSpec, outline
from emrjobs.core.job_run.lifecycle import NO_DEFAULTS, Lifecycle
from emrjobs.core.job_run.parsing import parse_partial_spec, parse_spec
from emrjobs.core.job_run.resource import Resource, keeps_whole_spec, spec_over
from emrjobs.core.parsing import SpecProblem, size_of
from emrjobs.core.retention import recreated_by

_MOMENT: Final[TypeAdapter[datetime]] = TypeAdapter(Instant)


def resource_of(
    raw: Mapping[str, Any],
    known: Resource | None = None,
    *,
    whole_spec: bool = False,
    policies: bool = False,
    defaults: Lifecycle = NO_DEFAULTS,
) -> Resource:
    """The object as a value that keeps no more than the rules ask for: there may be many thousands.

    A spec that cannot be read is a ``SpecProblem``, not an error. A spec of the same generation as the ``known``
    one is the same, and is not read again. Of a large one only an outline is kept, unless ``whole_spec`` asks for it.
    ``defaults`` are those of the installation. Where ``policies`` hold, one may supply what a spec lacks; what it has
    supplied stays with the known spec.
    """
    metadata = raw["metadata"]
    uid, name = metadata["uid"], metadata["name"]
    generation = metadata.get("generation", 1)
    status = status_of(_with(raw.get("status"), clientToken=uid, name=name))
    same = known if known is not None and _same_request(known, uid, generation, status) else None
    spec, size = (None, 0) if spec_over(status) else _spec(raw.get("spec"), same, partial=policies)
    if isinstance(spec, PartialSpec) and not whole_spec and not keeps_whole_spec(size, status):
        spec = outline(spec, name)
    return Resource(
        uid=uid,
        namespace=shared(metadata["namespace"]),
        name=name,
        resource_version=metadata["resourceVersion"],
        generation=generation,
        spec=spec,
        spec_size=size,
        lifecycle=same.lifecycle if same is not None else _lifecycle(raw.get("spec"), status, defaults),
        admission=same.admission if same is not None else None,
        status=status,
        created_at=_moment(metadata.get("creationTimestamp")),
        deleting_since=_moment(metadata.get("deletionTimestamp")),
        finalizers=tuple(map(shared, metadata.get("finalizers", ()))),
        recreated_by=recreated_by(metadata),
    )


def _same_request(known: Resource, uid: str, generation: int, status: EmrJobRunStatus) -> bool:
    """Whether the spec is the known one, and what policies have supplied still belongs to it.

    An intent that was taken back took with it what was supplied, and a new attempt is judged anew.
    """
    taken_back = known.status.client_token is not None and status.client_token is None
    ended = status.between_attempts and not known.status.between_attempts
    return known.uid == uid and known.generation == generation and not taken_back and not ended


def _spec(raw: object, same: Resource | None, *, partial: bool) -> tuple[PartialSpec | LargeSpec | SpecProblem, int]:
    """The known spec, unless that was dropped; and its size."""
    if same is not None and same.spec is not None:
        return same.spec, same.spec_size
    value = raw if raw is not None else {}
    size = size_of(value)
    return (parse_partial_spec(value, size) if partial else parse_spec(value, size)), size


def _lifecycle(raw: object, status: EmrJobRunStatus, defaults: Lifecycle) -> Lifecycle:
    """What the spec asks for, then what a policy supplied when the request was recorded, then the defaults."""
    given = raw if isinstance(raw, Mapping) else {}
    return Lifecycle.read({**(status.defaults or {}), **given}).filled_from(defaults)


def _with(status: object, **words: str) -> object:
    """The status with these very words in the place of equal ones, so that each is kept once."""
    if not isinstance(status, Mapping):
        return status
    return {**status, **{name: word for name, word in words.items() if status.get(name) == word}}


def status_of(raw: object) -> EmrJobRunStatus:
    """The status. Members that cannot be read (an older schema let them in) are left out one by one."""
    members = dict(raw) if isinstance(raw, Mapping) else {}
    while True:
        try:
            return EmrJobRunStatus.model_validate(members)
        except ValidationError as error:
            broken = {found["loc"][0] for found in error.errors(include_input=False, include_url=False)}
            members = {name: value for name, value in members.items() if name not in broken}


def _moment(text: object) -> datetime | None:
    return _MOMENT.validate_python(text) if text is not None else None
