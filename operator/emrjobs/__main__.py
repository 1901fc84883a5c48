"""The command line: run, render, release."""

import argparse
import sys
from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_settings import CliApp, CliSettingsSource

from emrjobs import render
from emrjobs.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name, and give its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser()
    if given[:1] == ["run"]:
        return _run(given[1:])
    chosen = parser.parse_args(given)
    if chosen.command == "render":
        return render.main(chosen.files)
    if chosen.command == "release":
        from emrjobs import release  # noqa: PLC0415 - as above

        return release.main(chosen.namespace)
    parser.print_help()
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="emrjobs", description="EMR on EKS job runs as Kubernetes objects.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("run", help="run the operator", add_help=False)
    rendering = commands.add_parser("render", help="print the StartJobRun request that a manifest would send")
    rendering.add_argument("files", nargs="+", metavar="FILE", help="a manifest, or - for standard input")
    releasing = commands.add_parser("release", help="take the operator's finalizer off every object, to uninstall")
    releasing.add_argument("--namespace", action="append", default=[], metavar="NAME", help="repeatable; without: all")
    return parser


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
    from emrjobs.runtime.entry import operate  # noqa: PLC0415

    return operate(settings)


if __name__ == "__main__":
    sys.exit(main())
