"""Classifications such as ``spark-defaults``, which may nest. Pure."""

from typing import Annotated

from pydantic import Field

from emrjobs.api.request_model import NO_NULLS, RequestModel
from emrjobs.api.text import Word

Properties = Annotated[dict[Word, Word], Field(max_length=100), NO_NULLS]


class Configuration(RequestModel):
    classification: Word = Field(
        description="Which configuration file the properties belong to: spark-defaults, spark-env, …"
    )
    properties: Properties | None = Field(
        default=None,
        description=(
            "The settings, at most 100. Names and values are text: write '2', not 2. "
            "Do not put secrets here: they can be read in the object and at AWS."
        ),
    )
    configurations: "Annotated[list[Configuration], Field(max_length=100)] | None" = Field(
        default=None,
        description="Configurations inside this one, such as export inside spark-env. At most 100.",
    )
