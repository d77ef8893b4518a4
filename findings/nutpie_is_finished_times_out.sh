#!/usr/bin/env bash
# Asking a nutpie sampler in the background whether it is finished raises a TimeoutError.
#
# Guess    `is_finished` of what nutpie.sample(..., blocking=False) returns is a flag: False while it
#          samples, True afterwards, so that a program can look now and then and do other things.
# Found    While it samples, the attribute raises TimeoutError, "Timeout while waiting for sampler to
#          finish", as wait(timeout=...) does when its time is over. It is True once all is sampled,
#          and never False. A loop `while not run.is_finished` ends with an error at its first look;
#          one that catches the TimeoutError of wait() in the same loop does not need the attribute.
# Versions nutpie 0.16.11, pymc 6.4.0, pytensor 3.3.7, numba 0.68.0; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "nutpie==0.16.11" "pymc==6.4.0" "pytensor==3.3.7" \
    "numba==0.68.0" "matplotlib"
export PYTENSOR_FLAGS="base_compiledir=$folder/compiled"
"$folder/venv/bin/python" - <<'PY'
import nutpie
import pymc as pm

with pm.Model() as model:
    pm.Normal("x", shape=200)
compiled = nutpie.compile_pymc_model(model)


def begin(draws):
    return nutpie.sample(
        compiled, draws=draws, tune=200, chains=2, seed=1, blocking=False, progress_bar=False
    )


run = begin(200_000)
try:
    seen = repr(run.is_finished)
except TimeoutError as error:
    seen = f"TimeoutError: {error}"
run.abort()
print(f"is_finished while it samples: {seen}")

run = begin(100)
while True:
    try:
        run.wait(timeout=0.1)
        break
    except TimeoutError:
        pass
print(f"is_finished afterwards: {run.is_finished!r}")
assert seen.startswith("TimeoutError")
PY
