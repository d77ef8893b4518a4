#!/usr/bin/env bash
# The mean of thirty million ones is 0.559 in a compiled function.
#
# Guess    np.sum and np.mean give the same inside and outside of a function that Numba compiles, to
#          rounding: the names are NumPy's.
# Found    NumPy adds in pairs, Numba one after the other in the type of the array. In float32 the sum
#          of ones stops at 2^24 = 16777216, where adding one more changes nothing, and the mean of
#          30 million of them is 0.559. Numbers between 0 and 1 stop there as well: the mean of 1e8 of
#          them is 0.168 where NumPy has 0.50005. There is no warning, and no difference in tests
#          with short arrays.
# Versions numba 0.68.0, numpy 2.5.5; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "numba==0.68.0" "numpy==2.5.5"
"$folder/venv/bin/python" - <<'PY'
import numba
import numpy as np


@numba.njit
def sum_and_mean(values):
    return np.sum(values), np.mean(values)


ones = np.ones(30_000_000, dtype=np.float32)
total, mean = sum_and_mean(ones)
print(f"ones: NumPy {ones.sum():.0f} and {ones.mean():.3f}, compiled {total:.0f} and {mean:.3f}")
assert (ones.sum(), ones.mean()) == (3e7, 1.0)
assert total == 2**24 and abs(mean - 0.5592) < 1e-3

random = np.random.default_rng(1).random(100_000_000, dtype=np.float32)
exact = float(random.mean(dtype=np.float64))
theirs, compiled = float(random.mean()), float(sum_and_mean(random)[1])
print(f"uniform: exact {exact:.7f}, NumPy {theirs:.7f}, compiled {compiled:.7f}")
assert abs(theirs / exact - 1) < 1e-5
assert abs(compiled / exact - 1) > 0.1
assert sum_and_mean(ones[:1000]) == (1000.0, 1.0)
PY
