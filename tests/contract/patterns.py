"""The patterns of botocore's model, each with ours and what differs between them. Pure."""

from dataclasses import dataclass
from typing import Final

from emrjobs.api import text

ANCHORED: Final = "Anchored: a schema's pattern is searched for, and AWS matches the whole value."
ASCII: Final = "Anchored as it is; digits and word characters spelt out, since they are ASCII for AWS and RE2 only."
NOT_BLANK: Final = (
    "What the service means is 'not blank'. Written for texts of several lines, for ASCII white space as in Java, and "
    "without NUL, which no process argument can carry."
)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Our patterns that stand for one of botocore's, and why they are written differently."""

    ours: tuple[str, ...]
    why: str


PATTERNS: Final[dict[str, Rewritten]] = {
    r"[\.\-_/#A-Za-z0-9]+": Rewritten((text.NAME,), ANCHORED),
    r"[0-9a-z]+": Rewritten((text.RESOURCE_ID,), ANCHORED),
    r"[\.\-_/A-Za-z0-9]+": Rewritten((text.LABEL,), ANCHORED),
    r"[\.\-_\#A-Za-z0-9]+": Rewritten((text.PARAMETER_NAME,), ANCHORED),
    r".*\S.*": Rewritten((text.VISIBLE, text.VISIBLE_OR_EMPTY), NOT_BLANK),
    r"^arn:(aws[a-zA-Z0-9-]*):iam::(\d{12})?:(role((\u002F)|(\u002F[\u0021-\u007F]+\u002F))[\w+=,.@-]+)$": Rewritten(
        (text.ROLE_ARN,), f"{ASCII} RE2 has no \\u escapes."
    ),
    r"^(arn:(aws[a-zA-Z0-9-]*):kms:.+:(\d{12})?:key\/[(0-9a-zA-Z)-?]+|\$\{[a-zA-Z]\w*\})$": Rewritten(
        (text.KMS_KEY_ARN,), ASCII
    ),
    r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDBFF-\uDC00\uDFFF\r\n\t]*": Rewritten(
        (text.URI_TEXT,), "Anchored. It names the halves of UTF-16 pairs; ours names the characters themselves."
    ),
    r"^\d+(\.\d+)?[KMG][Bb]?$": Rewritten((text.ROTATION_SIZE,), ASCII),
}
