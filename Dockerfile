# Two images from one file:
#   docker build --target serve -t parley .            serves models; no TensorFlow in it
#   docker build --target full  -t parley:full .       trains them too
#
#   docker run -p 8080:8080 -v ./models:/parley/models -v parley-var:/parley/var -e PARLEY_ADMIN_PASSWORD parley

FROM python:3.11-slim AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 ORT_DISABLE_TELEMETRY=1
RUN useradd --system --create-home --home-dir /parley --uid 10001 parley
WORKDIR /parley

FROM base AS serve
COPY requirements-serve.txt ./
RUN pip install --require-hashes -r requirements-serve.txt
COPY app ./app
COPY config ./config
COPY serve_tornado.py ./
RUN mkdir -p models var && chown parley models var
USER parley
ENV PARLEY_HOST=0.0.0.0 PARLEY_PORT=8080
EXPOSE 8080
VOLUME ["/parley/models", "/parley/var"]
HEALTHCHECK --start-period=10s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PARLEY_PORT\"]}/readyz', timeout=2)"]
ENTRYPOINT ["python", "serve_tornado.py"]

FROM base AS full
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY app ./app
COPY config ./config
COPY training_data ./training_data
COPY serve_tornado.py train.py ./
RUN mkdir -p models var && chown parley models var
USER parley
ENV PARLEY_HOST=0.0.0.0 PARLEY_PORT=8080
EXPOSE 8080
VOLUME ["/parley/models", "/parley/var"]
ENTRYPOINT ["python"]
CMD ["serve_tornado.py"]
