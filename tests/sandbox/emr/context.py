"""What an operation works on and with, and how lists are put together. Pure."""

import math
import random
from dataclasses import dataclass
from typing import Any

from tests.sandbox.emr.calls import Call
from tests.sandbox.emr.faults import Damage, Faults
from tests.sandbox.emr.ids import Ids
from tests.sandbox.emr.region import Region
from tests.sandbox.emr.scripts import ScriptBook
from tests.sandbox.emr.settings import Settings

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    region: Region
    request: Document
    shape: Any
    now: float
    principal: str
    settings: Settings
    ids: Ids
    scripts: ScriptBook
    faults: Faults
    dice: random.Random
    damage: Damage
    call: Call


def page_document(member: str, items: list[Document], following: str | None, short: bool = False) -> Document:
    return {member: items, **({"nextToken": following} if following and not short else {})}


def between(request: Document, created_at: float) -> bool:
    after, before = request.get("createdAfter", -math.inf), request.get("createdBefore", math.inf)
    return bool(after <= created_at <= before)
