"""URIs of code and logs in the one form that every reader reads alike. Pure.

Hadoop resolves ``..`` and ``//`` where S3 takes them for names, some readers decode ``%2e``, spark-submit expands ``*``
and ``{}``. What is not in this form is refused and not repaired.
"""

import re
from collections.abc import Iterable
from typing import Final

from emrjobs.core.job_policy.globs import Globs

_KEY: Final = r"[A-Za-z0-9!_.()=@+:~-]+"
_URI: Final = re.compile(rf"(?P<scheme>[a-z][a-z0-9]*)://(?P<host>[a-z0-9.-]*)(?P<path>(?:/{_KEY})*/?)")
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_DOTS: Final = re.compile(r"/\.\.?(?:/|$)")
_S3: Final = frozenset({"s3", "s3a", "s3n"})
FORM: Final = (
    "must be s3://bucket/key or local:///path of ASCII letters, digits and !_.()=@+:~- , without //, /./ and /../, "
    "to be compared with what is allowed"
)


def canonical(text: str) -> str | None:
    """The URI with ``s3`` for the names that Hadoop has for it; None where it has another form."""
    found = _URI.fullmatch(text)
    if found is None or _DOTS.search(found["path"]):
        return None
    if found["scheme"] in _S3:
        return f"s3://{found['host']}{found['path']}" if _BUCKET.fullmatch(found["host"]) else None
    return text if found["host"] == "" or _BUCKET.fullmatch(found["host"]) else None


class UriPatterns:
    """Patterns of URIs: one that ends in ``/`` is for everything below it, another for the whole URI."""

    __slots__ = ("_globs", "patterns")

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(patterns)
        self._globs = Globs(f"{pattern}**" if pattern.endswith("/") else pattern for pattern in self.patterns)

    def match(self, uri: str) -> bool:
        """Whether a canonical URI is covered."""
        return self._globs.match(uri)
