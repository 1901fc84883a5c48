"""The sandbox to play with: the world and an operator, kept up until Ctrl-C, and what to type meanwhile."""

import threading
from pathlib import Path

from tests.sandbox.operator_process import OperatorProcess
from tests.sandbox.world import World

CHECK_SECONDS = 0.5
# AWS's quotas, and time enough to look at a run and to delete it while it runs.
PACE = ("--quotas", "--pending=3", "--submitted=3", "--running=20", "--cancel=3")


def run() -> int:
    """Return 1 if the operator ends by itself; else stay until interrupted."""
    print("Starting a Kubernetes control plane, an EMR endpoint and the operator …", flush=True)
    with World(emr_args=PACE) as world:
        operator = world.operator()
        print(_text(world, operator), flush=True)
        pause = threading.Event()
        while operator.running:
            pause.wait(CHECK_SECONDS)
        print(f"The operator ended with {operator.returncode}:\n{operator.logs()[-4000:]}")
    return 1


def _text(world: World, operator: OperatorProcess) -> str:
    binaries = world.cluster.binaries
    folder: Path = binaries.kubectl.parent
    return f"""\
Up. In another terminal, in this folder:

  export KUBECONFIG={world.cluster.admin_kubeconfig}
  export PATH={folder}:$PATH

  kubectl apply -f examples/spark-pi.yaml
  kubectl get ejr -w
  kubectl wait --for=condition=Finished ejr/spark-pi --timeout=5m
  kubectl describe ejr spark-pi
  kubectl explain ejr.spec
  kubectl delete ejr spark-pi

  API server            {world.cluster.server}
  EMR endpoint          {world.emr_url}
  what reached it       curl {world.emr_url}/_admin/runs (also /calls, /tokens, /counts)
  operator              http://127.0.0.1:{operator.port}/metrics (also /healthz, /readyz)
  operator's log        {operator.log}

Ctrl-C ends everything and removes its files."""
