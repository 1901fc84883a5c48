"""StartJobRun, DescribeJobRun, CancelJobRun and ListJobRuns on one region's state. Pure."""

from tests.sandbox.emr import demands, documents, validation
from tests.sandbox.emr.clusters import Cluster
from tests.sandbox.emr.context import Context, Document, page_document
from tests.sandbox.emr.errors import validation as invalid
from tests.sandbox.emr.ids import run_arn
from tests.sandbox.emr.life import Run
from tests.sandbox.emr.runs import View, plan_for, scripted
from tests.sandbox.emr.templates import applied


def start_job_run(c: Context) -> Document:
    demands.check(c.request)
    cluster_id, token = c.request["virtualClusterId"], c.request["clientToken"]
    old = c.region.runs.known(cluster_id, token, c.now, c.settings.token_lifetime)
    if old is not None:
        return _again(c, old)
    cluster = c.region.open_cluster(cluster_id, c.now)
    c.region.refuse_foreign_role(c.request, c.principal)
    run = _new_run(c, cluster)
    c.region.runs.start(run, c.now)
    c.call.job_run_id, c.call.created = run.id, True
    return documents.started(run)


def _again(c: Context, old: Run) -> Document:
    """The same token: the same run, also after its end."""
    if c.settings.token_mismatch == "error" and old.received != c.request:
        raise invalid(f"The clientToken {old.token} was used with different parameters.")
    old.sends += 1
    c.call.job_run_id = old.id
    return documents.started(old)


def _new_run(c: Context, cluster: Cluster) -> Run:
    request = c.request
    if "jobTemplateId" in request:
        request = applied(c.region.templates.find(request["jobTemplateId"]), request)
        validation.check(c.shape, request)
        demands.check(request)
    run_id = c.ids.run()
    script = scripted(c.scripts.script_for(request, c.settings.script), request, c.settings)
    return Run(
        id=run_id,
        arn=run_arn(c.region.account, c.region.name, cluster.id, run_id),
        cluster=cluster.id,
        token=request["clientToken"],
        received=c.request,
        request=request,
        created_by=c.principal,
        script=script,
        plan=plan_for(script, request, c.settings, c.dice),
        position=c.region.runs.next_position(cluster.id),
        tags=dict(request.get("tags", {})),
    )


def describe_job_run(c: Context) -> Document:
    run = c.region.runs.find(c.request["virtualClusterId"], c.request["id"])
    return {"jobRun": documents.job_run(run, run.now, c.settings.timestamp_digits)}


def cancel_job_run(c: Context) -> Document:
    run = c.region.runs.cancel(c.request["virtualClusterId"], c.request["id"], c.now, c.settings.cancel_unknown)
    return {"id": run.id, "virtualClusterId": run.cluster}


def list_job_runs(c: Context) -> Document:
    if not c.settings.any_virtual_cluster and c.region.clusters.get(c.request["virtualClusterId"]) is None:
        raise invalid(f"Virtual cluster {c.request['virtualClusterId']} doesn't exist.")
    lag = max(c.settings.list_lag, c.damage.lag)
    view = View(c.now - lag, lag > 0)
    runs, following = c.region.runs.list(c.request, view, c.settings.page_limit)
    if c.damage.drop_share:
        runs = [run for run in runs if c.faults.keeps(c.damage.drop_share)]
    return page_document("jobRuns", [_list_item(c, run, view) for run in runs], following, c.damage.short)


def _list_item(c: Context, run: Run, view: View) -> Document:
    moment = run.as_of(view.instant) if view.lagging else run.now
    document = documents.job_run(run, moment or run.now, c.settings.timestamp_digits)
    return {key: value for key, value in document.items() if key not in c.settings.list_omits}
