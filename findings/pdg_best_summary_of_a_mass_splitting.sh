#!/usr/bin/env bash
# The "best" mass splitting of neutrinos in the PDG's own package is that of the inverted ordering.
#
# Guess    best_summary() of a quantity is the value that one quotes. For the larger mass splitting of
#          neutrinos it is that of the normal ordering, which data prefer, or it refuses to choose
#          between two that exclude each other.
# Found    It is the first of the list, by its place there: -2.52e-3 eV^2, "Assuming inverted
#          ordering". `value` and `error` of the property are those as well. An oscillation made of it
#          has the other hierarchy, also for those who take the absolute value: 3% off.
# Versions pdg 2026.0, SQLAlchemy 2.1.9; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pdg==2026.0" "SQLAlchemy==2.1.9"
"$folder/venv/bin/python" - <<'PY'
import pdg

splitting = pdg.connect().get("S067DM1")
every = list(splitting.summary_values())
for one in every:
    print(f"{splitting.description}: {one.value:+.5f} eV^2, {one.comment}")
best = splitting.best_summary()
print(f"best_summary: {best.value:+.5f} eV^2, {best.comment}; value: {splitting.value:+.5f}")
assert "inverted" in best.comment and best.value < 0.0
assert splitting.value == best.value
normal = next(one for one in every if "normal" in one.comment)
assert 1.02 < abs(best.value) / normal.value < 1.04
PY
