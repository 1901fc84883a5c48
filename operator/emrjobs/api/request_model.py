"""What the models of the request share: the API server's strictness, and a mark for our own members."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from emrjobs.api.model import ApiModel


@dataclass(frozen=True, slots=True)
class _Own:
    """Type of ``OWN``."""


OWN: Final = _Own()
"""Marks a member that the operator acts on itself: never sent to AWS, and free to change after submission."""


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE: Final = BeforeValidator(_whole)
"""Takes 3.0 as 3: in JSON they are one number, and the API server stores it as 3."""


def _without_nulls(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    return {key: item for key, item in value.items() if item is not None}


NO_NULLS: Final = BeforeValidator(_without_nulls)
"""Drops the nulls of a map, as the API server does."""


def rules(*pairs: tuple[str, str]) -> dict[str, Any]:
    """CEL rules of the API server as ``json_schema_extra``: (expression, message) each."""
    return {"x-kubernetes-validations": [{"rule": rule, "message": message} for rule, message in pairs]}


def given(member: str) -> str:
    """CEL for "the member is there". It asks for the name alone: ``has`` also looks at the value, and fails, for good,
    on an object whose value has another type, stored by an older schema.
    """
    return f"dyn(self).exists(m, m == '{member}')"


def refuse(message: str) -> PydanticCustomError:
    """The error of a rule that pydantic has no word for; the message must not hold a value."""
    return PydanticCustomError("rule", "{rule}", {"rule": message})


def present(members: Iterable[object]) -> int:
    """How many of the members are given."""
    return sum(member is not None for member in members)


class RequestModel(ApiModel):
    """A part of the request. Nothing is coerced, nothing unknown passes: as with ``fieldValidation=Strict``.

    A null is an absent member, as for the API server, which drops it.
    """

    model_config = ConfigDict(strict=True, populate_by_name=False, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _nulls_are_absent(cls, value: object) -> object:
        return _without_nulls(value)

    @classmethod
    def own_members(cls) -> tuple[str, ...]:
        """Names on the wire of the members that are ours alone."""
        return tuple(f.alias or name for name, f in cls.model_fields.items() if OWN in f.metadata)

    @classmethod
    def request_members(cls) -> tuple[str, ...]:
        """Names on the wire of the members that are sent to AWS."""
        return tuple(f.alias or name for name, f in cls.model_fields.items() if OWN not in f.metadata)
