"""What runs: the Spark submit or Spark SQL driver of a job run. Pure."""

from typing import Annotated, Final

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from emrjobs.api.request_model import RequestModel, given, present, refuse, rules
from emrjobs.api.text import Argument, EntryPoint, Parameters

MOST_ARGUMENTS: Final = 1024
LONGEST_ARGUMENTS: Final = 131072
"""Characters of all arguments together: what Linux lets a process have of one argument."""
_ARGUMENTS: Final = (
    f"entryPointArguments must have at most {LONGEST_ARGUMENTS} characters in all (a bound of emrjobs, not of AWS)"
)


def _of_a_bounded_length(arguments: list[str]) -> list[str]:
    if sum(map(len, arguments)) > LONGEST_ARGUMENTS:
        raise refuse(_ARGUMENTS)
    return arguments


Arguments = Annotated[
    list[Argument],
    Field(
        max_length=MOST_ARGUMENTS,
        json_schema_extra=rules((f"self.map(a, size(a)).sum() <= {LONGEST_ARGUMENTS}", _ARGUMENTS)),
    ),
    AfterValidator(_of_a_bounded_length),
]

_ONE: Final = f"{given('sparkSubmitJobDriver')} != {given('sparkSqlJobDriver')}"
_ONE_DRIVER: Final = "jobDriver must have exactly one member: sparkSubmitJobDriver or sparkSqlJobDriver"


class SparkSubmitJobDriver(RequestModel):
    entry_point: EntryPoint = Field(
        description=(
            "The application: an s3:// URI of a jar or Python file, or local:// for a file inside the image, "
            "as in local:///usr/lib/spark/examples/jars/spark-examples.jar."
        )
    )
    entry_point_arguments: Arguments | None = Field(
        default=None,
        description=(
            "Arguments of the application, one item each, in order; passed on as they stand, with no shell. "
            "Do not put secrets here: they can be read in the object and in the pod."
        ),
    )
    spark_submit_parameters: Parameters | None = Field(
        default=None,
        description=(
            "Parameters of spark-submit in one string, as on a command line: --class org.example.Main "
            "--conf spark.executor.instances=2. They win over spark-defaults in configurationOverrides."
        ),
    )


class SparkSqlJobDriver(RequestModel):
    entry_point: EntryPoint | None = Field(default=None, description="The SQL file to run, as an s3:// URI.")
    spark_sql_parameters: Parameters | None = Field(
        default=None,
        description=(
            "Parameters of spark-sql in one string, as on a command line: --hivevar day=monday "
            "--conf spark.executor.instances=2."
        ),
    )


class JobDriver(RequestModel):
    model_config = ConfigDict(json_schema_extra=rules((_ONE, _ONE_DRIVER)))

    spark_submit_job_driver: SparkSubmitJobDriver | None = Field(
        default=None, description="Run a jar or a Python file with spark-submit. Excludes sparkSqlJobDriver."
    )
    spark_sql_job_driver: SparkSqlJobDriver | None = Field(
        default=None, description="Run a SQL file with spark-sql. Excludes sparkSubmitJobDriver."
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> "JobDriver":
        if present((self.spark_submit_job_driver, self.spark_sql_job_driver)) != 1:
            raise refuse(_ONE_DRIVER)
        return self
