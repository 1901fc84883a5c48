"""Where the sandbox finds what it needs in this checkout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CRDS = ROOT / "crds"
EXAMPLES = ROOT / "examples"
EMR_ACCOUNT = ROOT / "tests" / "sandbox" / "emr_account.json"
CHART = ROOT / "helm" / "emrjobs"
RULES = CHART / "files" / "rules.yaml"
ADMISSION = CHART / "files" / "admission.yaml"
OPERATOR_SOURCE = ROOT / "operator"
GO_MODULES = ROOT / "tests" / "sandbox" / "tools"
