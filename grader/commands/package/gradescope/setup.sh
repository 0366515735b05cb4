#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the autograder's image.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
        then command -v "$name"; return; fi
    done
    return 1
}

if ! python=$(find_python); then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends python3.11 python3.11-venv
    python=$(find_python)
fi

"$python" -m venv /opt/grader
if [ -d "$here/wheels" ]; then
    /opt/grader/bin/pip install --quiet --no-index --no-deps --find-links "$here/wheels" -r "$here/requirements.txt"
    rm -rf "$here/wheels"
else
    if [ -s "$here/torch-index" ]; then  # torch without CUDA, which Gradescope has no use for
        grep '^torch==' "$here/requirements.txt" > /tmp/torch.txt
        /opt/grader/bin/pip install --quiet --no-deps --index-url "$(cat "$here/torch-index")" -r /tmp/torch.txt
    fi
    /opt/grader/bin/pip install --quiet --no-deps -r "$here/requirements.txt"
fi
# run_autograder writes no bytecode. By the sources' hash, for a copy of the image may have other times.
/opt/grader/bin/python -m compileall -q --invalidation-mode checked-hash "$here/engine"
chmod -R go-rwx "$here"  # the suite and the model answer are root's alone
