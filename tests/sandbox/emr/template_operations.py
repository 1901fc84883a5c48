"""Create, describe, delete and list job templates on one region's state. Pure."""

from tests.sandbox.emr import documents, listing
from tests.sandbox.emr.context import Context, Document, between, page_document
from tests.sandbox.emr.templates import Template


def create_job_template(c: Context) -> Document:
    template = c.region.templates.create(c.ids.long(), c.request, c.now, c.principal)
    shown = documents.job_template(template, c.settings.timestamp_digits)
    return {key: shown[key] for key in ("id", "name", "arn", "createdAt")}


def describe_job_template(c: Context) -> Document:
    template = c.region.templates.find(c.request["id"])
    return {"jobTemplate": documents.job_template(template, c.settings.timestamp_digits)}


def delete_job_template(c: Context) -> Document:
    c.region.templates.delete(c.request["id"])
    return {"id": c.request["id"]}


def list_job_templates(c: Context) -> Document:
    def keep(template: Template) -> bool:
        return between(c.request, template.created_at)

    found, following = listing.page_of(c.request, c.settings.page_limit, c.region.templates.all(), keep)
    digits = c.settings.timestamp_digits
    return page_document("templates", [documents.job_template(t, digits) for t in found], following)
