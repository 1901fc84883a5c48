"""The constrained strings of policies. Pure: types only. As for the request, every pattern is RE2's and Rust's too."""

from typing import Annotated, Final

from pydantic import Field

MOST_STARS: Final = 4


def _glob(before: str, characters: str) -> str:
    """The pattern of a glob that begins in a fixed way and has at most four runs, ``*`` or ``**``."""
    return rf"^{before}[{characters}]*([*][*]?[{characters}]*){{0,{MOST_STARS}}}$"


_KEY: Final = "A-Za-z0-9!_.()=@+:~/-"
NAME_GLOB: Final = r"^[a-z0-9*]([a-z0-9*-]{0,61}[a-z0-9*])?$"
LABEL_VALUE: Final = r"^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$"
REGION: Final = r"^[a-z]{2,4}(-[a-z]{2,10}){1,3}-[0-9]{1,2}$"
SUBMIT_ROLE: Final = r"^arn:aws[a-z0-9-]*:iam::[0-9]{12}:role(/[\x21-\x29\x2B-\x7E]+)?/[0-9A-Za-z_+=,.@-]+$"
EXTERNAL_ID: Final = r"^[A-Za-z0-9+=,.@:/_-]+$"
ROLE_GLOB: Final = _glob("arn:aws[a-z0-9-]*:iam::[0-9]{12}:role/", r"\x21-\x29\x2B-\x7E")
URI_GLOB: Final = _glob("[a-z][a-z0-9]*://[a-z0-9.-]*/", _KEY)
S3_GLOB: Final = _glob("s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/", _KEY)
IMAGE_GLOB: Final = _glob("[A-Za-z0-9]", "A-Za-z0-9._:/@-")
KEY_GLOB: Final = _glob("arn:aws[a-z0-9-]*:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/", "A-Za-z0-9/_-")
LABEL_GLOB: Final = _glob("", "A-Za-z0-9._/-")
GROUP_GLOB: Final = _glob("", "._/#A-Za-z0-9-")
PROPERTY_GLOB: Final = _glob("([a-z0-9-]+:)?", "A-Za-z0-9._/-")
CLASSIFICATION: Final = r"^[a-z0-9-]+$"

_STARS: Final = f"at most {MOST_STARS} of * and **"
MEANING: Final = {
    NAME_GLOB: "be the name of a namespace, in which * may stand for any run of characters",
    LABEL_VALUE: "be the value of a Kubernetes label",
    REGION: "be a Region, such as eu-west-1",
    SUBMIT_ROLE: "be the ARN of an IAM role with its account, such as arn:aws:iam::111122223333:role/name, without *",
    EXTERNAL_ID: "hold only letters, digits and + = , . @ : / _ -",
    ROLE_GLOB: f"be the ARN of IAM roles: partition and account without *, the name with {_STARS}",
    URI_GLOB: f"be a URI such as s3://bucket/folder/ or local:///folder/: the bucket without *, the key with {_STARS}",
    S3_GLOB: f"be a URI such as s3://bucket/folder/: the bucket without *, the key with {_STARS}",
    IMAGE_GLOB: f"be the name of images, with {_STARS}",
    KEY_GLOB: f"be the ARN of KMS keys: partition, Region and account without *, the key with {_STARS}",
    LABEL_GLOB: f"hold only letters, digits, . _ / - and {_STARS}",
    GROUP_GLOB: f"hold only letters, digits, . _ / # - and {_STARS}",
    PROPERTY_GLOB: f"be the name of properties, with {_STARS}; before it 'classification:' may stand",
    CLASSIFICATION: "be the name of a classification, such as spark-defaults",
}
"""What a pattern asks for, in words that follow "must"."""

NameGlob = Annotated[str, Field(min_length=1, max_length=63, pattern=NAME_GLOB)]
LabelValue = Annotated[str, Field(max_length=63, pattern=LABEL_VALUE)]
Region = Annotated[str, Field(max_length=32, pattern=REGION)]
SubmitRole = Annotated[str, Field(min_length=20, max_length=2048, pattern=SUBMIT_ROLE)]
ExternalId = Annotated[str, Field(min_length=2, max_length=1224, pattern=EXTERNAL_ID)]
RoleGlob = Annotated[str, Field(min_length=1, max_length=2048, pattern=ROLE_GLOB)]
UriGlob = Annotated[str, Field(min_length=1, max_length=1024, pattern=URI_GLOB)]
S3Glob = Annotated[str, Field(min_length=1, max_length=1024, pattern=S3_GLOB)]
ImageGlob = Annotated[str, Field(min_length=1, max_length=512, pattern=IMAGE_GLOB)]
KeyGlob = Annotated[str, Field(min_length=1, max_length=2048, pattern=KEY_GLOB)]
LabelGlob = Annotated[str, Field(min_length=1, max_length=64, pattern=LABEL_GLOB)]
GroupGlob = Annotated[str, Field(min_length=1, max_length=512, pattern=GROUP_GLOB)]
PropertyGlob = Annotated[str, Field(min_length=1, max_length=256, pattern=PROPERTY_GLOB)]
ClassificationName = Annotated[str, Field(min_length=1, max_length=64, pattern=CLASSIFICATION)]
