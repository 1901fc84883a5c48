"""What every resource model shares: frozen values with the API's camelCase names."""

from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class ApiModel(BaseModel):
    """A part of the resource. Python names are snake_case, the names on the wire are camelCase."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="forbid")

    def model_post_init(self, _: Any, /) -> None:
        """Share the set of the members given, which pydantic keeps in every value: a third of an object's memory."""
        object.__setattr__(self, "__pydantic_fields_set__", _shared(frozenset(self.__pydantic_fields_set__)))


class StatusModel(ApiModel):
    """A part of a status. Unknown members are ignored: a newer or older operator may have written them."""

    model_config = ConfigDict(extra="ignore")


@lru_cache(maxsize=4096)
def _shared(members: frozenset[str]) -> set[str]:
    """One set for all values with these members. Nobody changes it: values are frozen, and copies copy it."""
    return set(members)
