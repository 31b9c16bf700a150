#!/bin/sh
# install.sh LOCK: make .venv when it is missing and install what LOCK pins, with uv when it is there, else with venv and pip.
set -eu
lock=$1
python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Python 3.11 or newer is needed, and '$python' is not. Name one: make PYTHON=python3.12 ..." >&2
    exit 1
fi
if command -v uv >/dev/null 2>&1; then
    [ -x .venv/bin/python ] || uv venv --quiet --python "$python" .venv
    # --compile-bytecode as pip does, or the first start of `packet` compiles every library, and each where it may not write
    uv pip install --quiet --python .venv/bin/python --compile-bytecode --require-hashes -r "$lock"
    uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
else
    if [ ! -x .venv/bin/pip ] && ! "$python" -m venv .venv >/dev/null 2>&1; then
        rm -rf .venv
        echo "This Python cannot make a virtual environment. On Debian or Ubuntu: sudo apt install python3-venv; or install uv." >&2
        exit 1
    fi
    .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
fi
