#!/bin/sh
# Write constraints.txt anew: the newest versions that fit pyproject.toml, of the package's
# dependencies, those of its tests and tools, and all that these need.
set -eu

cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

tools/make_venv.sh "$scratch/venv" /dev/null
"$scratch/venv/bin/python" tools/list_pins.py >"$scratch/constraints.txt"
cp "$scratch/constraints.txt" constraints.txt
echo "Wrote constraints.txt: run 'make test' with it"
