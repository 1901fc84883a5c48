"""Provides the programs of the control plane; the last line is their folder, fit for KUBEBUILDER_ASSETS."""

import sys

from tests.sandbox.controlplane.binaries import one_folder, provide
from tests.sandbox.controlplane.build import BuildFailed, GoMissing


def main() -> int:
    try:
        print(one_folder(provide()))
    except (GoMissing, BuildFailed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
