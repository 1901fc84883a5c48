"""What log lines call an object. Never anything that its spec holds."""

from emrjobs.core.job_run.resource import Resource


def names(resource: Resource) -> dict[str, str]:
    """Object, uid, and the run's id where there is one."""
    run = {"run": resource.status.id} if resource.status.id else {}
    return {"object": f"{resource.namespace}/{resource.name}", "uid": resource.uid, **run}
