# The judge: the grader with all that it needs, and no course. Made by `grader package judge`. The course is mounted at
# /course, and root's alone; submissions are graded in tier in-container, each as a user of its own.
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE}
COPY wheels /wheels
COPY requirements.txt /wheels/requirements.txt
RUN set -e; python3 -m venv /opt/grader; \
    /opt/grader/bin/pip install --quiet --no-index --no-deps --no-compile --find-links /wheels -r /wheels/requirements.txt; \
    rm -rf /wheels; find /opt/grader -exec touch -h -d @0 {} +
COPY engine /opt/engine
ARG VERSION=unknown
ARG WHEELS=unknown
LABEL org.opencontainers.image.title="grader" org.opencontainers.image.version="${VERSION}" grader.wheels="${WHEELS}"
ENV PYTHONPATH=/opt/engine PATH=/opt/grader/bin:/usr/local/bin:/usr/bin:/bin
WORKDIR /course
ENTRYPOINT ["python", "-m", "grader"]
