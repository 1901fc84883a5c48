"""Pages: newest first, at most 100 items, and a token that only fits the request that it came from. Pure.

A token holds a place in the order of creation, so that what is created meanwhile shifts nothing.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.sandbox.emr.errors import validation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    size: int
    before: int | None  # show only what stands before this place; None: from the newest


def _fingerprint(request: dict[str, Any]) -> int:
    filters = {k: v for k, v in request.items() if k not in {"nextToken", "maxResults"}}
    return zlib.crc32(json.dumps(filters, sort_keys=True, default=str).encode())


def asked(request: dict[str, Any], limit: int) -> Page:
    size = request.get("maxResults", limit)
    if size < 1:
        raise validation("maxResults must be greater than or equal to 1")
    token = request.get("nextToken")
    return Page(min(size, limit), None if token is None else _opened(token, _fingerprint(request)))


def _opened(token: str, fingerprint: int) -> int:
    try:
        place, seal = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError, TypeError) as error:
        raise validation("The nextToken is not valid.") from error
    if seal != fingerprint or not isinstance(place, int):
        raise validation("The nextToken is not valid.")
    return place


def token_for(request: dict[str, Any], place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([place, _fingerprint(request)]).encode()).decode()


def page_of(
    request: dict[str, Any], limit: int, items: list[T], keep: Callable[[T], bool]
) -> tuple[list[T], str | None]:
    """One page over `items` in their order of creation."""
    page = asked(request, limit)
    start = len(items) if page.before is None else min(page.before, len(items))
    return cut(request, page, ((place, items[place]) for place in range(start - 1, -1, -1)), keep)


def cut(
    request: dict[str, Any], page: Page, newest_first: Iterable[tuple[int, T]], keep: Callable[[T], bool]
) -> tuple[list[T], str | None]:
    """A token is given only where another item follows."""
    shown: list[T] = []
    last = 0
    for place, item in newest_first:
        if not keep(item):
            continue
        if len(shown) == page.size:
            return shown, token_for(request, last)
        shown.append(item)
        last = place
    return shown, None
