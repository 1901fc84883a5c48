"""The command line: run, render, release, check, iam-policy."""

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta

from pydantic import ValidationError
from pydantic_settings import CliApp, CliSettingsSource

from emrjobs.cli import render
from emrjobs.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name, and give its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser()
    if given[:1] == ["run"]:
        return _run(given[1:])
    chosen = parser.parse_args(given)
    if chosen.command == "render":
        labels = dict(chosen.namespace_label)
        return render.main(
            render.Wanted(chosen.files, chosen.policy, chosen.namespace, labels, templates=chosen.template)
        )
    if chosen.command == "release":
        return _release(chosen)
    if chosen.command == "check":
        return _check(chosen)
    if chosen.command == "iam-policy":
        return _iam_policy(chosen)
    parser.print_help()
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="emrjobs", description="EMR on EKS job runs as Kubernetes objects.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("run", help="run the operator", add_help=False)
    _add_rendering(commands.add_parser("render", help="print the StartJobRun request that a manifest would send"))
    _add_releasing(commands.add_parser("release", help="take the operator's finalizer off every object, to uninstall"))
    _add_checking(commands.add_parser("check", help="see whether an installation works, with the rights of the caller"))
    _add_granting(commands.add_parser("iam-policy", help="print the IAM policy that the operator's role needs"))
    return parser


def _add_rendering(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a manifest, or - for standard input")
    parser.add_argument(
        "--policy", action="append", default=[], metavar="FILE", help="EmrJobPolicies that hold; repeatable"
    )
    parser.add_argument(
        "--template",
        action="append",
        default=[],
        metavar="FILE",
        help="an answer of 'aws emr-containers describe-job-template', to judge requests that name it; repeatable",
    )
    parser.add_argument("--namespace", metavar="NAME", help="where manifests go that name no namespace")
    parser.add_argument(
        "--namespace-label",
        action="append",
        default=[],
        type=_label,
        metavar="KEY=VALUE",
        help="a label of that namespace; repeatable",
    )


def _add_releasing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--namespace", action="append", default=[], metavar="NAME", help="repeatable; without: all")
    parser.add_argument(
        "--stop-deployment", metavar="NAME", help="first scale this Deployment of our namespace to 0, and wait"
    )
    parser.add_argument(
        "--stop-timeout", type=_seconds, default=60.0, metavar="SECONDS", help="how long to wait for its pods (60)"
    )
    parser.add_argument("--delete-lease", metavar="NAME", help="in the end delete this Lease of our namespace")
    parser.add_argument(
        "--skip-forbidden", action="store_true", help="pass over named namespaces that refuse us, as deleted ones do"
    )


def _add_checking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--namespace", action="append", default=[], metavar="NAME", help="repeatable; without: all")
    parser.add_argument("--deployment", metavar="NAME", help="a Deployment that must be ready")
    parser.add_argument("--deployment-namespace", metavar="NAME", help="its namespace; without: our own")
    parser.add_argument("--lease", metavar="NAME", help="a Lease that must be held and renewed")
    parser.add_argument("--lease-namespace", metavar="NAME", help="its namespace; without: our own")
    parser.add_argument("--timeout", type=_seconds, default=60.0, metavar="SECONDS", help="how long to wait (60)")


def _add_granting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--region", required=True, help="the Region of the virtual clusters")
    for flag, metavar, text in (
        ("--virtual-cluster", "ID", "where jobs may run; repeatable, * for all"),
        ("--execution-role", "ARN", "as whom jobs may run; repeatable, may hold *"),
        ("--job-template", "ID", "what jobs may be made from; repeatable, * for all"),
        ("--policy", "FILE", "EmrJobPolicies: print the policy of each role that they need; repeatable"),
        ("--assume-role", "ARN", "role of another account that an EmrJobPolicy names; repeatable"),
        ("--event-queue", "ARN", "the SQS queue of EventBridge's messages, if there is one"),
    ):
        parser.add_argument(flag, action="append", default=[], metavar=metavar, help=text)
    parser.add_argument("--no-tags", action="store_true", help="no job carries tags")
    parser.add_argument("--pod-identity", action="store_true", help="jobs get their roles by EKS Pod Identity")


def _label(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("must be KEY=VALUE")
    return key, value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError("must be a number of seconds, at most a day")
    return value


def _release(chosen: argparse.Namespace) -> int:
    from emrjobs.cli import release  # noqa: PLC0415 - as below

    wanted = release.Wanted(
        namespaces=chosen.namespace,
        stop=chosen.stop_deployment,
        stop_limit=timedelta(seconds=chosen.stop_timeout),
        lease=chosen.delete_lease,
        skip_forbidden=chosen.skip_forbidden,
    )
    return release.main(wanted)


def _check(chosen: argparse.Namespace) -> int:
    from emrjobs.cli import check  # noqa: PLC0415 - as below

    wanted = check.Wanted(
        namespaces=chosen.namespace,
        deployment=chosen.deployment,
        deployment_namespace=chosen.deployment_namespace,
        lease=chosen.lease,
        lease_namespace=chosen.lease_namespace,
        timeout=timedelta(seconds=chosen.timeout),
    )
    return check.main(wanted)


def _iam_policy(chosen: argparse.Namespace) -> int:
    from emrjobs.cli import iam_policy  # noqa: PLC0415 - as below

    scope = iam_policy.Scope(
        region=chosen.region,
        virtual_clusters=chosen.virtual_cluster,
        execution_roles=chosen.execution_role,
        job_templates=chosen.job_template,
        event_queues=chosen.event_queue,
        assumed_roles=chosen.assume_role,
        tags=not chosen.no_tags,
        pod_identity=chosen.pod_identity,
    )
    return iam_policy.main(scope, chosen.policy)


def _run(arguments: list[str]) -> int:
    try:
        settings = CliApp.run(
            Settings,
            cli_args=arguments,
            cli_settings_source=CliSettingsSource(
                Settings, cli_prog_name="emrjobs run", cli_kebab_case=True, cli_implicit_flags=True
            ),
        )
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            print(f"emrjobs run: {'.'.join(map(str, problem['loc']))}: {problem['msg']}", file=sys.stderr)
        return 2
    # Imported late: rendering a manifest needs no cluster, no AWS, and none of their libraries.
    from emrjobs.runtime.process import operate  # noqa: PLC0415

    return operate(settings)
