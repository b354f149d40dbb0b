# The hub and what it needs, checked against the lock's hashes; runs as nobody in particular.
FROM python:3.11-slim AS packages
WORKDIR /app
COPY requirements-tools.lock requirements-ai.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-tools.lock \
 && uv venv .venv \
 && uv pip sync --no-cache --compile-bytecode --require-hashes \
    --build-constraints requirements-tools.lock requirements-ai.lock
COPY . .
RUN uv pip install --no-cache --offline --no-deps -e .

FROM python:3.11-slim
RUN useradd --system --uid 1000 --home-dir /data --create-home parley
WORKDIR /app
COPY --from=packages /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
USER parley
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", \
  "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["hub", "serve"]
