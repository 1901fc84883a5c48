"""``python -m emrjobs.api``: write the CustomResourceDefinitions of all kinds into a folder, or check them there."""

import argparse
import sys
from pathlib import Path

from emrjobs.api.job_policy import crd as job_policy
from emrjobs.api.job_run import crd as job_run

RESOURCES = (job_run.custom_resource, job_policy.custom_resource)


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` say whether they are up to date: exit code 1 if one is not."""
    parser = argparse.ArgumentParser(prog="python -m emrjobs.api", description="Write the CRDs.")
    parser.add_argument("folder", nargs="?", default="crds", type=Path)
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 if a file is outdated")
    options = parser.parse_args(arguments)
    outdated = 0
    for resource in (make() for make in RESOURCES):
        path, text = options.folder / resource.file, resource.render()
        if options.check:
            current = path.exists() and path.read_text(encoding="utf-8") == text
            outdated += not current
            print(f"{path} is up to date" if current else f"{path} is not up to date: run 'make crds'")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}")
    return 1 if outdated else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
