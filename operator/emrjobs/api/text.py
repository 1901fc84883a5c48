"""The constrained strings of the request: limits and anchored patterns. Pure: types only.

Every pattern means the same to RE2 (the API server) and to Rust's regex (pydantic): it is anchored and spells
out the classes that ``\\d``, ``\\w`` and ``\\s`` stand for: they are ASCII to one and Unicode to the other.
The limits come from botocore's model of emr-containers; the contract tests list where we differ, and why.
"""

from typing import Annotated, Final

from pydantic import Field

VISIBLE: Final = r"^[^\x00]*[^\x00\t-\r ][^\x00]*$"
"""At least one character that is not white space, and no NUL: a process argument cannot carry one."""

VISIBLE_OR_EMPTY: Final = r"^([^\x00]*[^\x00\t-\r ][^\x00]*)?$"
RESOURCE_ID: Final = r"^[0-9a-z]+$"
NAME: Final = r"^[._/#A-Za-z0-9-]+$"
LABEL: Final = r"^[._/A-Za-z0-9-]+$"
PARAMETER_NAME: Final = r"^[._#A-Za-z0-9-]+$"
ROLE_ARN: Final = r"^arn:aws[a-zA-Z0-9-]*:iam::([0-9]{12})?:role(/|/[\x21-\x7F]+/)[0-9A-Za-z_+=,.@-]+$"
KMS_KEY_ARN: Final = r"^(arn:aws[a-zA-Z0-9-]*:kms:.+:([0-9]{12})?:key/[(-?a-zA-Z]+|\$\{[a-zA-Z][0-9A-Za-z_]*\})$"
"""``[(-?a-zA-Z]`` is the model's ``[(0-9a-zA-Z)-?]`` spelt out: all from ``(`` to ``?``, and the letters."""

URI_TEXT: Final = r"^[\t\n\r\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]*$"
"""The characters that XML 1.0 allows; the model writes the same with surrogates, which RE2 has not."""

KUBERNETES_LABEL_KEY: Final = r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"
ROTATION_SIZE: Final = r"^[0-9]+([.][0-9]+)?[KMG][Bb]?$"

MEANING: Final = {
    VISIBLE: "hold a character that is not white space, and no NUL",
    VISIBLE_OR_EMPTY: "be empty or hold a character that is not white space, and no NUL",
    RESOURCE_ID: "hold only a-z and 0-9",
    NAME: "hold only letters, digits and . _ / # -",
    LABEL: "hold only letters, digits and . _ / -",
    PARAMETER_NAME: "hold only letters, digits and . _ # -",
    ROLE_ARN: "be the ARN of an IAM role, such as arn:aws:iam::111122223333:role/name",
    KMS_KEY_ARN: "be the ARN of a KMS key, such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-…",
    URI_TEXT: "hold no control characters",
    KUBERNETES_LABEL_KEY: "be the key of a Kubernetes label, such as example.com/team",
    ROTATION_SIZE: "be a number and K, M or G, such as 10MB",
}
"""What a pattern asks for, in words that follow "must"."""

ResourceId = Annotated[str, Field(min_length=1, max_length=64, pattern=RESOURCE_ID)]
JobName = Annotated[str, Field(min_length=1, max_length=64, pattern=NAME)]
RoleArn = Annotated[str, Field(min_length=20, max_length=2048, pattern=ROLE_ARN)]
ReleaseLabel = Annotated[str, Field(min_length=1, max_length=64, pattern=LABEL)]
EntryPoint = Annotated[str, Field(min_length=1, max_length=256, pattern=VISIBLE)]
Argument = Annotated[str, Field(min_length=1, max_length=10280, pattern=VISIBLE)]
Parameters = Annotated[str, Field(min_length=1, max_length=102400, pattern=VISIBLE)]
Word = Annotated[str, Field(min_length=1, max_length=1024, pattern=VISIBLE)]
KmsKeyArn = Annotated[str, Field(min_length=3, max_length=2048, pattern=KMS_KEY_ARN)]
LogGroupName = Annotated[str, Field(min_length=1, max_length=512, pattern=NAME)]
LogStreamPrefix = Annotated[str, Field(min_length=1, max_length=256, pattern=VISIBLE)]
TagKey = Annotated[str, Field(min_length=1, max_length=128, pattern=VISIBLE)]
TagValue = Annotated[str, Field(min_length=0, max_length=256, pattern=VISIBLE_OR_EMPTY)]
ParameterName = Annotated[str, Field(min_length=1, max_length=512, pattern=PARAMETER_NAME)]
LabelKey = Annotated[str, Field(min_length=1, max_length=316, pattern=KUBERNETES_LABEL_KEY)]
