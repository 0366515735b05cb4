# What a student's code runs in: Python, torch, numpy, msgspec and the guest package. Nothing of the course, nothing
# secret. Made by `grader package guest`, which lays out the context: wheels/, guest/, __init__.py, zygote. With --cuda the
# wheels are those of torch's CUDA build and its libraries; the driver's own come from the machine, with the GPU.
#
# No step needs a network. A wheel is a zip archive, so not even pip is needed. The layers depend on base, wheels and code
# alone: each file has one and the same time, bytecode names none, and what is copied is copied with the folders above it,
# for a folder that a builder makes has the time of the build.
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS packages
COPY wheels /wheels
# What torch and CUDA carry for compiling, and for their own tests, is left out. A file for a newer Python does not
# compile.
RUN set -e; mkdir -p /out/packages; for wheel in /wheels/*.whl; do python3 -m zipfile -e "$wheel" /out/packages; done; \
    cd /out/packages; rm -rf torch/include torch/share torch/test numpy/*/tests numpy/tests torch/lib/*.a \
        nvidia/*/include; find nvidia -name "*.a" -delete 2>/dev/null || true; \
    chmod -R a+rX,go-w .; \
    python3 -m compileall -q -j 2 --invalidation-mode unchecked-hash -s /out -p / /out/packages || true; \
    find /out -exec touch -h -d @0 {} +

FROM ${BASE} AS engine
COPY __init__.py /out/engine/grader/__init__.py
COPY guest /out/engine/grader/guest
COPY zygote /out/engine/zygote
RUN set -e; mkdir /out/control; chmod -R a+rX,go-w /out; chmod 755 /out/engine/zygote; find /out -exec touch -h -d @0 {} +

FROM ${BASE}
# The system's own packages would be of use to homework, pip and setuid programs to attackers: the first are closed to
# everybody but root, who runs no homework. To remove them would leave the time of the build in a layer.
RUN set -e; for folder in /usr/lib/python3*/dist-packages /usr/local/lib/python3*/dist-packages \
        /usr/local/lib/python3*/site-packages /usr/lib/python3*/ensurepip /usr/local/lib/python3*/ensurepip; \
    do if [ -d "$folder" ]; then chmod 700 "$folder"; fi; done; \
    find / -xdev -perm /6000 -exec chmod a-s {} +
COPY --from=packages /out/ /
COPY --from=engine /out/ /
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
