"""``python -m emrjobs``."""

import sys

from emrjobs.cli.main import main as main

if __name__ == "__main__":
    sys.exit(main())
