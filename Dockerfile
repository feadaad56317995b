# goldwire with all that `goldwire server` needs. docs/compose.yaml starts it with PostgreSQL and a proxy; the service
# runs Doccano's web server and its task worker, which `goldwire server start --foreground` supervises.
FROM python:3.12-slim AS wheel
WORKDIR /source
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY scripts scripts
# The sample of `goldwire demo` is in the wheel.
COPY corpus corpus
COPY annotations annotations
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim
# git for `check --changed-since`, pg_dump and psql for `backup` and `restore`.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends git postgresql-client \
  && rm -rf /var/lib/apt/lists/*
COPY --from=wheel /wheels /wheels
# hadolint ignore=DL3013 # the wheel of the stage above
RUN set -- /wheels/*.whl && pip install --no-cache-dir "$1[doccano,publish,report]"
RUN useradd --create-home --uid 1000 lead && install --directory --owner lead /dataset /environment
USER 1000
# Doccano's own environment, from the hash-locked list in the wheel: a container then starts without the network.
ENV GOLDWIRE_DOCCANO_ENV=/environment
RUN python -c "import os, pathlib; from goldwire.doccano.server import environment; environment.ensure(pathlib.Path(os.environ['GOLDWIRE_DOCCANO_ENV']))"
WORKDIR /dataset
CMD ["goldwire", "--help"]
