#!/usr/bin/env bash
# Installs the grader of this action's own version, and bubblewrap where it can. A student's public checks need no sandbox.
set -euo pipefail
: "${SOURCE:?}"
if [ -n "${TORCH_INDEX:-}" ]; then
    python -m pip install --quiet --index-url "$TORCH_INDEX" torch
fi
python -m pip install --quiet "$SOURCE"
if ! command -v bwrap >/dev/null && command -v sudo >/dev/null && command -v apt-get >/dev/null; then
    sudo apt-get update -qq && sudo apt-get install -y -qq bubblewrap || echo "bubblewrap is not to be had; another tier will do"
fi
# Ubuntu lets no ordinary user make namespaces, which the sandbox is made of.
if command -v sudo >/dev/null && [ -e /proc/sys/kernel/apparmor_restrict_unprivileged_userns ]; then
    sudo sysctl -q -w kernel.apparmor_restrict_unprivileged_userns=0 || true
fi
