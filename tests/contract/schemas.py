"""Finds the place of a botocore path in the models' JSON schema and in the CRD's structural schema."""

from typing import Any

from emrjobs.api.job_run.crd import custom_resource
from emrjobs.api.job_run.spec import EmrJobRunSpec
from tests.contract.shapes import ITEM, KEY, VALUE, Path

Schema = dict[str, Any]


def in_models(path: Path) -> Schema | None:
    """The models' schema of a place; keys as a schema of their own."""
    root = EmrJobRunSpec.model_json_schema()
    found: Schema | None = root
    for step in path:
        found = _step(_resolved(found or {}, root), step)
        if found is None:
            return None
    return _resolved(found or {}, root)


def crd_schema() -> Schema:
    """The structural schema of the whole object."""
    schema: Schema = custom_resource().build()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def in_crd(path: Path) -> Schema | None:
    """The CRD's schema of a place of the spec."""
    found: Schema | None = crd_schema()["properties"]["spec"]
    for step in path:
        found = _step(found or {}, step)
        if found is None:
            return None
    return found


def _resolved(schema: Schema, root: Schema) -> Schema:
    if "anyOf" in schema:
        (schema,) = (option for option in schema["anyOf"] if option != {"type": "null"})
    if "$ref" in schema:
        return dict(root["$defs"][schema["$ref"].rpartition("/")[2]])
    return schema


def _step(schema: Schema, step: str) -> Schema | None:
    if step == ITEM:
        return schema.get("items")
    if step == KEY:
        return _key(schema)
    if step == VALUE:
        values = list(schema.get("patternProperties", {}).values()) or [schema.get("additionalProperties")]
        return values[0] if isinstance(values[0], dict) else None
    found: Schema | None = schema.get("properties", {}).get(step)
    return found


def _key(schema: Schema) -> Schema:
    """A map's keys: limits in the models' schema, CEL rules in the CRD's."""
    if "propertyNames" in schema:
        (pattern,) = schema["patternProperties"]
        return {"type": "string", **schema["propertyNames"], "pattern": pattern}
    return {"type": "string", "rules": [rule["rule"] for rule in schema["x-kubernetes-validations"]]}
