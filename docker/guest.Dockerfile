# What a student's code runs in: Python, torch, numpy, msgspec and the guest package. Nothing of the course, nothing
# secret. Made by `grader package guest`, which lays out the context: wheels/, guest/, __init__.py, zygote.
#
# No step needs a network. A wheel is a zip archive, so not even pip is needed.
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS packages
COPY wheels /wheels
# What torch carries for compiling extensions, and for its own tests, is left out. Bytecode that names no time, and files
# with one and the same time, make the layer depend on the wheels alone. A file for a newer Python does not compile.
RUN set -e; mkdir /packages; for wheel in /wheels/*.whl; do python3 -m zipfile -e "$wheel" /packages; done; \
    rm -rf /packages/torch/include /packages/torch/share /packages/torch/test \
        /packages/numpy/*/tests /packages/numpy/tests /packages/torch/lib/*.a; \
    chmod -R a+rX,go-w /packages; \
    python3 -m compileall -q -j 2 --invalidation-mode unchecked-hash /packages || true; \
    find /packages -exec touch -h -d @0 {} +

FROM ${BASE}
# The system's own packages would be of use to homework, pip and setuid programs to attackers.
RUN set -e; rm -rf /usr/lib/python3*/dist-packages /usr/local/lib/python3*/dist-packages \
        /usr/local/lib/python3*/site-packages /usr/lib/python3*/ensurepip /usr/local/lib/python3*/ensurepip; \
    find / -xdev -perm /6000 -exec chmod a-s {} +; \
    mkdir -p /engine/grader /control; \
    touch -d @0 /engine /engine/grader /control /usr/lib/python3* /usr/local/lib/python3* 2>/dev/null || true
COPY --from=packages /packages /packages
COPY __init__.py /engine/grader/__init__.py
COPY guest /engine/grader/guest
COPY zygote /engine/zygote
RUN chmod -R a+rX,go-w /engine && chmod 755 /engine/zygote && find /engine -exec touch -h -d @0 {} +
ARG VERSION=unknown
ARG GUEST=unknown
ARG WHEELS=unknown
ARG VARIANT=cpu
ARG BASE
ARG BASE_DIGEST=unknown
LABEL org.opencontainers.image.title="grader guest" org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.base.name="${BASE}" org.opencontainers.image.base.digest="${BASE_DIGEST}" \
    grader.guest="${GUEST}" grader.wheels="${WHEELS}" grader.variant="${VARIANT}"
ENTRYPOINT ["/engine/zygote"]
