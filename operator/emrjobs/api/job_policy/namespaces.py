"""For which namespaces a policy is. Pure."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import ConfigDict, Field, model_validator

from emrjobs.api.job_policy.text import LabelValue, NameGlob
from emrjobs.api.request_model import RequestModel, given, refuse, rules
from emrjobs.api.text import LabelKey

_ONE_AT_LEAST: Final = "namespaces must have names or selector"
_VALUES: Final = "values must be given for In and NotIn, and only there"


class Operator(StrEnum):
    """Those of a Kubernetes LabelSelector."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


class LabelSelectorRequirement(RequestModel):
    model_config = ConfigDict(
        json_schema_extra=rules(
            ("(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)", _VALUES)
        )
    )

    key: LabelKey = Field(description="The label's key.")
    operator: Annotated[Operator, Field(strict=False)] = Field(description="How the values count.")
    values: Annotated[list[LabelValue], Field(max_length=50)] | None = Field(
        default=None, description="Values, for In and NotIn."
    )

    @model_validator(mode="after")
    def _values_where_they_count(self) -> "LabelSelectorRequirement":
        if (self.operator in (Operator.IN, Operator.NOT_IN)) != bool(self.values):
            raise refuse(_VALUES)
        return self


class LabelSelector(RequestModel):
    """All of it must be true of a namespace's labels. Empty: of every namespace."""

    match_labels: Annotated[dict[LabelKey, LabelValue], Field(max_length=20)] | None = Field(
        default=None, description="Labels that the namespace has with these values. At most 20."
    )
    match_expressions: Annotated[list[LabelSelectorRequirement], Field(max_length=20)] | None = Field(
        default=None, description="Requirements, of which each must be met. At most 20."
    )


class Namespaces(RequestModel):
    """Either list is enough."""

    model_config = ConfigDict(json_schema_extra=rules((f"{given('names')} || {given('selector')}", _ONE_AT_LEAST)))

    names: Annotated[list[NameGlob], Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="Names; * is any run of the characters of a name. At most 100."
    )
    selector: LabelSelector | None = Field(
        default=None,
        description="Labels of namespaces. Whoever may label a namespace then chooses its policy. Empty: all.",
    )

    @model_validator(mode="after")
    def _one_at_least(self) -> "Namespaces":
        if self.names is None and self.selector is None:
            raise refuse(_ONE_AT_LEAST)
        return self
