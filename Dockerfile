# syntax=docker/dockerfile:1
# The operator's image: the wheel is built once, its dependencies come by hash, the result runs as nobody in
# particular on a read-only root file system. tests/integration/test_image_steps.py does these very steps without a
# container engine; tests/sandbox/image/ knows FROM, WORKDIR, COPY, RUN, ENV, USER, ENTRYPOINT and CMD.
#
# A tag moves. For a build that can be repeated, give the base by digest:
#   docker build --build-arg PYTHON_IMAGE=python:3.11-slim@sha256:<digest> .
ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS wheel
WORKDIR /src
COPY requirements/build.txt requirements/
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY operator/ operator/
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

FROM ${PYTHON_IMAGE} AS installed
COPY requirements/runtime.txt /requirements.txt
# Without pip of its own; wheels only, so no compiler is asked for. Byte code is written here, since the running
# container cannot.
RUN python -m venv --without-pip /opt/emrjobs \
    && pip --python /opt/emrjobs/bin/python install --no-cache-dir --no-deps --only-binary :all: \
       --require-hashes --requirement /requirements.txt
COPY --from=wheel /wheels/ /wheels/
RUN pip --python /opt/emrjobs/bin/python install --no-cache-dir --no-deps --no-index /wheels/*.whl

FROM ${PYTHON_IMAGE}
# The base brings installers that a running operator never needs.
RUN python -m pip uninstall --yes --quiet --root-user-action ignore setuptools wheel pip \
    && rm -rf /usr/local/lib/python3.*/ensurepip
COPY --from=installed /opt/emrjobs /opt/emrjobs
ENV PATH=/opt/emrjobs/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# A number, so that runAsNonRoot can be judged without reading /etc/passwd.
USER 65532:65532
WORKDIR /
EXPOSE 8080
ENTRYPOINT ["emrjobs"]
CMD ["run"]
