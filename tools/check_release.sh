#!/bin/sh
# Build the wheel and the source, install the wheel alone in a clean environment of each Python, and
# run commands with it:
#
#     tools/check_release.sh [PYTHON ...]
#
# By default python3.12, python3.13 and python3.14, of which those that are missing are named. The
# first argument of the environment variable RELEASE_BUILDER is a Python with hatchling. Fails if
# any Python fails, or none is there.
set -eu

cd "$(dirname "$0")/.."
builder=${RELEASE_BUILDER:-.venv/bin/python}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1

"$builder" -m hatchling build --directory "$scratch/dist"
wheel=$(echo "$scratch"/dist/*.whl)
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)

check() {
    python=$1
    venv=$scratch/venv
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --constraint constraints.txt "$wheel"
    (
        # Elsewhere, so that what is imported is what was installed.
        cd "$scratch"
        unset PYTHONPATH
        export BAYES_CEVNS_CACHE="$scratch/cache"
        test "$("$venv/bin/bayes-cevns" --version)" = "$version"
        "$venv/bin/bayes-cevns" data verify
        "$venv/bin/bayes-cevns" rates xenonnt_cevns >/dev/null
        "$venv/bin/python" -m bayes_cevns sample conus_plus --interaction b-l --mass 10MeV --quiet \
            | grep "90% credible limit"
    )
}

found=0
for python in ${*:-python3.12 python3.13 python3.14}; do
    if ! "$python" -c 'import venv' 2>/dev/null; then
        echo "release-check: no $python here, not checked"
        continue
    fi
    echo "release-check: $("$python" --version)"
    check "$python"
    found=$((found + 1))
done
test "$found" -gt 0 || { echo "release-check: no Python to check with" >&2; exit 1; }
echo "release-check: $(basename "$wheel") works with $found of them"
