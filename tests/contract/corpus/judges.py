"""Who judges a spec: our models, the API server, and AWS, that is botocore's own checks and then the endpoint."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.validate import ParamValidator

from emrjobs.api.job_run.kind import EMR_JOB_RUN
from emrjobs.api.job_run.spec import EmrJobRunSpec, PartialSpec
from emrjobs.api.kind import API_VERSION
from emrjobs.core.job_run.parsing import parse_partial_spec
from tests.contract.shapes import start_job_run
from tests.support.kube import ApiError, Kube

Judge = Callable[[Any], str | None]
"""Takes a spec; returns why it is refused, or None."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Why each refuses the spec, or None where it takes it."""

    models: str | None
    api_server: str | None
    aws: str | None

    def taken(self) -> tuple[bool, bool, bool]:
        return self.models is None, self.api_server is None, self.aws is None

    def agree(self) -> bool:
        return len(set(self.taken())) == 1


def models(spec: Any) -> str | None:
    """As users write it: what a policy may supply is not missed."""
    found = parse_partial_spec(spec)
    return None if isinstance(found, PartialSpec) else str(found)


def api_server(kube: Kube, namespace: str) -> Judge:
    """Creation as ``kubectl apply`` does it, except that nothing is kept."""
    path = f"/apis/{API_VERSION}/namespaces/{namespace}/{EMR_JOB_RUN.plural}"
    query = {"fieldValidation": "Strict", "dryRun": "All"}

    def judge(spec: Any) -> str | None:
        body = {"apiVersion": API_VERSION, "kind": EMR_JOB_RUN.kind, "metadata": {"name": "case"}, "spec": spec}
        try:
            kube.request("POST", path, body, query=query)
        except ApiError as error:
            if error.code not in {400, 422}:
                raise
            return error.message
        return None

    return judge


def aws(url: str, region: str) -> Judge:
    """What any AWS client does with a request: check it against the model, sign it, send it."""
    pool = urllib3.connection_from_url(url, maxsize=16, timeout=30.0, retries=False)
    signer = SigV4Auth(Credentials("AKIDEXAMPLE", "secret"), "emr-containers", region)

    numbers = count(1)

    def judge(spec: Any) -> str | None:
        if not isinstance(spec, dict):
            return "not an object"
        request = {key: value for key, value in spec.items() if key not in EmrJobRunSpec.own_members()}
        request = {"clientToken": f"case-{next(numbers)}", **request}
        report = ParamValidator().validate(request, start_job_run())
        return str(report.generate_report()) if report.has_errors() else _send(pool, signer, url, request)

    return judge


def _send(pool: Any, signer: SigV4Auth, url: str, request: dict[str, Any]) -> str | None:
    path = f"/virtualclusters/{quote(request['virtualClusterId'], safe='')}/jobruns"
    body = json.dumps({key: value for key, value in request.items() if key != "virtualClusterId"}).encode()
    signed = AWSRequest("POST", url + path, data=body, headers={"Content-Type": "application/json"})
    signer.add_auth(signed)
    answer = pool.request("POST", path, body=body, headers=dict(signed.headers))
    if answer.status == 200:
        return None
    # No template stands under the ids of the corpus: a request that fails for that alone was well formed.
    if answer.headers.get("x-amzn-errortype") == "ResourceNotFoundException":
        return None
    if answer.status in {400, 404}:
        return str(answer.data.decode())
    raise AssertionError(f"the endpoint answered {answer.status}: {answer.data!r}")
