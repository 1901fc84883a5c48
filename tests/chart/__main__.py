"""``python -m tests.chart``: writes what is generated in helm/emrjobs; with ``--check`` it only compares."""

import argparse
import sys
from pathlib import Path

import yaml

from tests.chart import crds, readme, schema, settings
from tests.chart.comments import comments
from tests.sandbox.paths import CHART, CRDS

BEGIN, END = "begin of the generated ", "end of the generated "


def generated(chart: Path, crd_folder: Path) -> dict[Path, str]:
    """Every file that is generated, or has a part that is, with the text that it ought to have."""
    values_file, readme_file = chart / "values.yaml", chart / "README.md"
    values_text = between(values_file.read_text(encoding="utf-8"), "settings", settings.block())
    values, said = yaml.safe_load(values_text), comments(values_text, settings.schemas())
    table = between(
        readme_file.read_text(encoding="utf-8"), "table of values", "\n" + readme.table(values, said) + "\n"
    )
    found = {
        values_file: values_text,
        readme_file: table,
        chart / "values.schema.json": schema.schema(values, said),
        chart / "files" / "settings.yaml": settings.table(),
    }
    for crd in sorted(crd_folder.glob("*.yaml")):
        found[chart / "templates" / f"crd-{crd.name}"] = crds.template(crd.read_text(encoding="utf-8"))
    return found


def between(text: str, what: str, part: str) -> str:
    """The text with the lines between its two marks replaced."""
    lines = text.splitlines(keepends=True)
    begin = next(number for number, line in enumerate(lines) if BEGIN + what in line)
    end = next(number for number, line in enumerate(lines) if END + what in line)
    return "".join([*lines[: begin + 1], part, *lines[end:]])


def outdated(chart: Path, crd_folder: Path) -> list[Path]:
    """Files that are not what they ought to be, and copies of CRDs that are no more."""
    wanted = generated(chart, crd_folder)
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    return stale + [path for path in (chart / "templates").glob("crd-*.yaml") if path not in wanted]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chart", description="Write the chart's generated files.")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 if a file is outdated")
    options = parser.parse_args(arguments)
    stale = outdated(CHART, CRDS)
    if options.check:
        for path in stale:
            print(f"{path} is not up to date: run 'make chart'")
        if not stale:
            print(f"{CHART} is up to date")
        return 1 if stale else 0
    wanted = generated(CHART, CRDS)
    for path in stale:
        if path in wanted:
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
