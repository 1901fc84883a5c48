"""Remembers job templates, by which policies judge requests that name one. AWS does not let them be changed. No I/O."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from emrjobs.core.job_policy.compiled import CompiledPolicy
from emrjobs.core.job_policy.templates import Template
from emrjobs.core.job_run.target import TargetKey

_MOST: Final = 100
"""Each may hold as much as a request."""


class JobTemplates:
    """Those that were read, by the target that showed them. The ones that were not asked for longest go first."""

    def __init__(self, key_of: Callable[[CompiledPolicy], TargetKey]) -> None:
        self._key_of = key_of
        self._read: OrderedDict[tuple[TargetKey, str], Template] = OrderedDict()

    def find(self, policy: CompiledPolicy, template_id: str) -> Template | None:
        """The template of that id in the account of the policy's runs."""
        key = (self._key_of(policy), template_id)
        found = self._read.get(key)
        if found is not None:
            self._read.move_to_end(key)
        return found

    def put(self, key: TargetKey, template: Template) -> None:
        """It was read."""
        self._read[key, template.id] = template
        if len(self._read) > _MOST:
            self._read.popitem(last=False)
