"""Cases about one scalar: its bounds, its pattern, its words, its type."""

from collections.abc import Iterator
from typing import Any, Final

from tests.contract.corpus.cases import Case, put
from tests.contract.corpus.sites import Site, sites

_CHARACTERS: Final = (
    "aZ09._/#-:+=,@ \t\n\r\x0b\x0c\x00\x1f\x7f!\"$%&'()*;<>?[\\]^`{|}~é\u00a0\u0130\u200b\u2028\u3000日\U0001f600"
)
"""Every ASCII sign that a pattern may name, white space of all kinds, and some of the rest of Unicode."""

_PLAIN: Final = (
    "",
    " ",
    "\t\n",
    "ascii",
    "two words",
    "a\nb",
    "a\n",
    "\na",
    "ümläut",
    "日本語",
    "\U0001f600",
    "a\x00b",
)
_SAMPLES: Final[dict[str, tuple[str, ...]]] = {
    "executionRoleArn": (
        "arn:aws:iam::123456789012:role/name",
        "arn:aws:iam:::role/name-without-account",
        "arn:aws-cn:iam::123456789012:role/name",
        "arn:aws-us-gov:iam::123456789012:role/a/b/c",
        "arn:aws:iam::123456789012:role/path/with!sign~/name",
        "arn:aws:iam::123456789012:role/na+me=,.@-_",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::123456789012:role//name",
        "arn:aws:iam::123456789012:role/with space/name",
        "arn:aws:iam::12345678901:role/short-account",
        "arn:aws:iam::1234567890123:role/long-account",
        "arn:aws:iam::123456789012:user/name",
        "arn:aws:iam:eu-west-1:123456789012:role/name",
        "arn:azure:iam::123456789012:role/name-of-another",
        "ARN:aws:iam::123456789012:role/upper-case",
        " arn:aws:iam::123456789012:role/name",
        "arn:aws:iam::123456789012:role/naïve-name",
        "arn:aws:iam::١٢٣٤٥٦٧٨٩٠١٢:role/other-digits",
        "emr-on-eks-job-without-an-arn",
    ),
    "encryptionKeyArn": (
        "arn:aws:kms:eu-west-1:123456789012:key/mrk-1234",
        "arn:aws:kms:eu-west-1::key/no-account",
        "arn:aws-cn:kms:cn-north-1:123456789012:key/a",
        "${KeyArn}",
        "${_KeyArn}",
        "${}",
        "$KeyArn",
        "arn:aws:kms::123456789012:key/a",
        "arn:aws:kms:eu-west-1:123456789012:alias/name",
        "arn:aws:kms:eu-west-1:123456789012:key/",
        "arn:aws:kms:eu-west-1:123456789012:key/(*),?",
        "arn:aws:kms:eu-west-1:123456789012:key/a@b",
        "arn:aws:kms:eu-west-1:123456789012:key/a_b",
    ),
    "rotationSize": (
        *("2KB", "2K", "2Kb", "10MB", "1.5G", "2GB", "2048M", "2097152K", "0.002M", "000000010MB"),
        *("1KB", "1.99K", "2.1G", "3GB", "2049M", "0GB", "10", "10B", "MB", "10TB", "10 MB", "10mb", "-1MB"),
        *("1.MB", ".5GB", "1,5GB", "1.5.5GB", "\u0661\u0660MB"),
    ),
    "logUri": (
        *("s3://b", "s3://b/p", "s3://b/p/", "s3://b/ä ö", "s3://b/\U0001f600", "s3://b\tc", "s3://"),
        *("S3://b", "s3a://b", "https://b", "b/p", " s3://b", "s3:/b", "s3://b/\x01", "s3://b/\x7f", "s3://b/\ufffe"),
    ),
    "allowAWSToRetainLogs": ("ENABLED", "DISABLED", "enabled", "Enabled", "MAYBE", " ENABLED", "ENABLED\n", "TRUE"),
    "persistentAppUI": ("ENABLED", "DISABLED", "enabled", "Enabled", "MAYBE", " ENABLED", "ENABLED\n", "TRUE"),
}
_SWEPT: Final = frozenset(
    {
        "name",
        "virtualClusterId",
        "executionRoleArn",
        "releaseLabel",
        "logGroupName",
        "jobTemplateId",
        "encryptionKeyArn",
    }
)
"""Places whose pattern names single characters: each is tried in the middle of a good value."""

_WRONG_TYPES: Final[tuple[Any, ...]] = (None, 5, 5.5, True, [], ["a"], {}, {"a": "b"})
_INTEGERS: Final[tuple[Any, ...]] = (
    -1,
    0,
    1,
    2,
    3.0,
    3.5,
    49,
    50,
    51,
    2**31 - 1,
    2**31,
    2**63,
    -(2**63),
    1e30,
    "5",
    "",
)


def scalars() -> Iterator[Case]:
    """All cases about scalars."""
    for site in sites():
        if site.shape.type_name == "string":
            yield from _strings(site)
        elif site.shape.type_name == "integer":
            yield from _integers(site)


def _strings(site: Site) -> Iterator[Case]:
    yield from _lengths(site)
    for text in (*_PLAIN, *_SAMPLES.get(site.name, ())):
        yield _case("pattern", site, repr(text), text)
    if site.name in _SWEPT:
        half = len(site.value) - 3
        for sign in _CHARACTERS:
            yield _case("character", site, repr(sign), f"{site.value[:half]}{sign}{site.value[half:]}")
    for value in _WRONG_TYPES:
        yield _case("type", site, repr(value), value)


def _lengths(site: Site) -> Iterator[Case]:
    least, most = site.shape.metadata.get("min"), site.shape.metadata.get("max")
    for wanted in {*(_around(least)), *(_around(most))}:
        text = of_length(site.value, site.shape, wanted)
        yield _case("length", site, str(wanted), text)
    # A limit counts characters, not bytes. Longer texts would meet the endpoint's limit of the whole request.
    if most is not None and most <= 10280 and site.shape.metadata.get("pattern") == r".*\S.*":
        yield _case("length", site, f"{most} wide characters", "\U0001f600" * most)
        yield _case("length", site, f"{most + 1} wide characters", "\U0001f600" * (most + 1))


def _around(bound: int | None) -> tuple[int, ...]:
    return tuple(n for n in (bound - 1, bound, bound + 1) if n >= 0) if bound is not None else ()


def of_length(good: str, shape: Any, wanted: int) -> str:
    """A text of that length that is as good as it can be: grown or cut where its pattern allows it."""
    if shape.name == "RotationSize":
        return f"{'10MB'.rjust(wanted, '0')}"[-wanted:] if wanted else ""
    return (good + "a" * (wanted - len(good)))[:wanted]


def _integers(site: Site) -> Iterator[Case]:
    for value in _INTEGERS:
        yield _case("number", site, repr(value), value)
    for value in (None, True, [], [1], {}):
        yield _case("type", site, repr(value), value)


def _case(kind: str, site: Site, what: str, value: Any) -> Case:
    return Case(kind, site.place, what, put(site.spec, site.place, value))
