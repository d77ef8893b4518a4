#!/bin/sh
# Make or update an environment with the package (editable), its tests and its tools:
#
#     tools/make_venv.sh FOLDER CONSTRAINTS [EXTRAS]
#
# EXTRAS are those of pyproject.toml, dev by default, as in dev,bench.
# uv does it where it is installed, else the venv module and pip. PYTHON names the interpreter;
# by default it is the one of .python-version, or python3. The file .complete is written last:
# an environment without it was interrupted and is made anew.
set -eu

cd "$(dirname "$0")/.."
venv=$1
constraints=$2
extras=${3:-dev}
complete=$venv/.complete
needed=$(sed -n 's/^requires-python = ">=\(.*\)"$/\1/p' pyproject.toml)

has_uv() {
    command -v uv >/dev/null
}

version() {
    "$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(list(sys.version_info) < [int(n) for n in sys.argv[1].split(".")])' \
        "$needed"
}

refuse() {
    echo "bayes_cevns needs Python $needed or newer, but found $1: install one, or name the one" \
        "to use, as in 'PYTHON=/path/to/python$(cat .python-version) make test'" >&2
    exit 1
}

find_python() {
    pinned=python$(cat .python-version)
    if [ -n "${PYTHON:-}" ]; then
        python=$PYTHON
    elif version "$pinned" >/dev/null; then
        python=$pinned
    else
        python=python3
    fi
    found=$(version "$python") || refuse "no working '$python'"
    is_new_enough "$python" || refuse "Python $found ('$python')"
}

# Without PYTHON, uv follows .python-version and fetches that Python if it must.
create() {
    if ! has_uv || [ -n "${PYTHON:-}" ]; then
        find_python
    fi
    echo "Making $venv with $(has_uv && echo uv || echo pip); this takes a minute or two"
    rm -rf "$venv"
    if has_uv; then
        uv venv --quiet ${PYTHON:+--python "$PYTHON"} "$venv"
    else
        "$python" -m venv "$venv"
    fi
}

# Both ways also bind the tools that build the package: uv by its option, pip by one variable
# until pip 25.2 and by the other one since.
install() {
    if has_uv; then
        uv pip install --quiet --python "$venv/bin/python" \
            --constraints "$constraints" --build-constraints "$constraints" --editable ".[$extras]"
    else
        PIP_CONSTRAINT=$constraints PIP_BUILD_CONSTRAINT=$constraints \
            PIP_DISABLE_PIP_VERSION_CHECK=1 \
            "$venv/bin/python" -m pip install --quiet --editable ".[$extras]"
    fi
}

can_update() {
    [ -e "$complete" ] && { has_uv || "$venv/bin/python" -m pip --version >/dev/null 2>&1; }
}

if can_update; then
    echo "Updating $venv"
    rm "$complete"
else
    create
fi
install
touch "$complete"
