"""Job templates: kept, and merged into the requests that name them. Pure."""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.emr.errors import not_found, validation
from tests.sandbox.emr.ids import template_arn

PLACEHOLDER = re.compile(r"\$\{([.\-_#A-Za-z0-9]+)\}")
NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
WHOLE_MEMBERS = ("executionRoleArn", "releaseLabel", "jobDriver")


@dataclass(slots=True, eq=False)
class Template:
    id: str
    arn: str
    name: str
    data: dict[str, Any]
    created_at: float
    created_by: str
    tags: dict[str, str] = field(default_factory=dict)
    kms_key: str | None = None


def placeholders(value: Any) -> set[str]:
    if isinstance(value, str):
        return set(PLACEHOLDER.findall(value))
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {name for part in parts for name in placeholders(part)}


def filled(value: Any, given: dict[str, str]) -> Any:
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda hit: given.get(hit[1], hit[0]), value)
    if isinstance(value, dict):
        return {key: filled(part, given) for key, part in value.items()}
    return [filled(part, given) for part in value] if isinstance(value, list) else value


def _parameters(template: Template, given: dict[str, str]) -> dict[str, str]:
    declared = template.data.get("parameterConfiguration", {})
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise validation(f"Job template {template.id} has no parameters {unknown}.")
    values = {name: spec["defaultValue"] for name, spec in declared.items() if "defaultValue" in spec} | given
    missing = sorted(placeholders(_body(template)) - set(values))
    if missing:
        raise validation(f"Values of job template parameters {missing} are required.")
    for name, spec in declared.items():
        if spec.get("type") == "NUMBER" and name in values and not NUMBER.fullmatch(values[name]):
            raise validation(f"The value of job template parameter {name} is not a NUMBER.")
    return values


def _body(template: Template) -> dict[str, Any]:
    return {k: v for k, v in template.data.items() if k not in {"parameterConfiguration", "jobTags"}}


def _by_classification(base: list[dict[str, Any]], top: list[dict[str, Any]]) -> list[dict[str, Any]]:
    named = {item["classification"]: item for item in base}
    for item in top:
        old = named.get(item["classification"], {})
        properties = {**old.get("properties", {}), **item.get("properties", {})}
        named[item["classification"]] = {**old, **item, **({"properties": properties} if properties else {})}
    return list(named.values())


def _overrides(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    """The request's own overrides win, by classification and property, and by kind of monitoring."""
    merged = {**base, **top}
    if "applicationConfiguration" in base and "applicationConfiguration" in top:
        merged["applicationConfiguration"] = _by_classification(
            base["applicationConfiguration"], top["applicationConfiguration"]
        )
    if "monitoringConfiguration" in base and "monitoringConfiguration" in top:
        merged["monitoringConfiguration"] = {
            **base["monitoringConfiguration"],
            **top["monitoringConfiguration"],
        }
    return merged


def applied(template: Template, request: dict[str, Any]) -> dict[str, Any]:
    """The request as it is carried out: the template's values below the request's own."""
    values = _parameters(template, request.get("jobTemplateParameters", {}))
    base = filled(_body(template), values)
    result = {k: v for k, v in request.items() if k not in {"jobTemplateId", "jobTemplateParameters"}}
    for member in WHOLE_MEMBERS:
        if member in base:
            result.setdefault(member, base[member])
    overrides = _overrides(base.get("configurationOverrides", {}), request.get("configurationOverrides", {}))
    if overrides:
        result["configurationOverrides"] = overrides
    tags = {**template.data.get("jobTags", {}), **request.get("tags", {})}
    return {**result, "tags": tags} if tags else result


class Templates:
    def __init__(self, account: str, region: str) -> None:
        self._account, self._region = account, region
        self._by_id: dict[str, Template] = {}
        self._by_token: dict[str, Template] = {}

    def all(self) -> list[Template]:
        return list(self._by_id.values())

    def create(self, new_id: str, request: dict[str, Any], now: float, created_by: str) -> Template:
        if request["clientToken"] in self._by_token:
            return self._by_token[request["clientToken"]]
        data = request["jobTemplateData"]
        undeclared = sorted(placeholders(data) - set(data.get("parameterConfiguration", {})))
        if undeclared:
            raise validation(f"Job template parameters {undeclared} have no parameterConfiguration.")
        arn = template_arn(self._account, self._region, new_id)
        template = Template(
            new_id,
            arn,
            request["name"],
            data,
            now,
            created_by,
            dict(request.get("tags", {})),
            request.get("kmsKeyArn"),
        )
        self._by_id[new_id] = self._by_token[request["clientToken"]] = template
        return template

    def find(self, template_id: str) -> Template:
        template = self._by_id.get(template_id)
        if template is None:
            raise not_found(f"Job template {template_id} doesn't exist.")
        return template

    def delete(self, template_id: str) -> None:
        if self._by_id.pop(template_id, None) is None:
            raise validation(f"Job template {template_id} doesn't exist.")
