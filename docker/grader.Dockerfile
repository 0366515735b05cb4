# The judge: the grader with all that it needs, and no course. Made by `grader package judge`. The course is mounted at
# /course, and root's alone; submissions are graded in tier in-container, each as a user of its own.
#
# No step needs a network. All files have one and the same time, so that the layers depend on the wheels and the code.
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS packages
COPY wheels /wheels
COPY requirements.txt /wheels/requirements.txt
RUN set -e; python3 -m venv --without-pip /opt/grader; python3 -m venv /pip; \
    /pip/bin/pip --python /opt/grader/bin/python install --quiet --no-index --no-deps --no-compile \
        --find-links /wheels -r /wheels/requirements.txt; \
    rm -rf /opt/grader/lib/python3*/site-packages/torch/include /opt/grader/lib/python3*/site-packages/torch/test; \
    python3 -m compileall -q -j 2 --invalidation-mode unchecked-hash /opt/grader || true; \
    mkdir -p /out/opt; mv /opt/grader /out/opt/grader; find /out -exec touch -h -d @0 {} +

FROM ${BASE} AS engine
COPY engine /opt/engine
RUN set -e; python3 -m compileall -q --invalidation-mode unchecked-hash /opt/engine; \
    mkdir -p /out/opt; mv /opt/engine /out/opt/engine; find /out -exec touch -h -d @0 {} +

FROM ${BASE}
COPY --from=packages /out/ /
COPY --from=engine /out/ /
ARG VERSION=unknown
ARG WHEELS=unknown
ARG ENGINE=unknown
ARG BASE
ARG BASE_DIGEST=unknown
LABEL org.opencontainers.image.title="grader" org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.base.name="${BASE}" org.opencontainers.image.base.digest="${BASE_DIGEST}" \
    grader.engine="${ENGINE}" grader.wheels="${WHEELS}"
# A course that is a checkout of the grader holds a folder of that name, too: Python's safe path takes the image's.
ENV PYTHONPATH=/opt/engine PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1 MPLCONFIGDIR=/run/matplotlib \
    PATH=/opt/grader/bin:/usr/local/bin:/usr/bin:/bin
WORKDIR /course
ENTRYPOINT ["python", "-m", "grader"]
