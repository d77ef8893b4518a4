#!/usr/bin/env bash
# PyMC's normal distribution function has the square root of two in single precision.
#
# Guess    Everything is float64: logcdf of a normal variable, and the norm of a truncated one, agree
#          with SciPy to 1e-15, as erfc and erfcx of PyTensor do.
# Found    They are off by 1e-8. The formula divides by pt.sqrt(2.0): PyTensor keeps the Python number
#          2.0 in the smallest type that holds it exactly, and takes the root in that type, float32.
#          A root of 2.0 that meets a float64 only afterwards has lost half of its digits by then.
#          pt.sqrt(2.1) is right, since float32 does not hold 2.1. Densities of truncated variables
#          are off by a constant, which cancels in sampling and not in evidences or against a twin.
# Versions pymc 6.4.0, pytensor 3.3.7, scipy 1.18.1, numpy 2.5.5; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymc==6.4.0" "pytensor==3.3.7" "scipy==1.18.1" "numpy==2.5.5"
export PYTENSOR_FLAGS="base_compiledir=$folder/compiled"
"$folder/venv/bin/python" - <<'PY'
import numpy as np
import pymc as pm
import pytensor.tensor as pt
from scipy.stats import norm, truncnorm

MODE = "FAST_COMPILE"
off = float(pm.logcdf(pm.Normal.dist(), -3.0).eval(mode=MODE)) - norm.logcdf(-3.0)
cut = pm.TruncatedNormal.dist(0.0, 1.0, lower=-3.0, upper=3.0)
norm_off = float(pm.logp(cut, 0.5).eval(mode=MODE)) - truncnorm.logpdf(0.5, -3.0, 3.0)
two, other = pt.sqrt(2.0), pt.sqrt(2.1)
print(f"pm.logcdf of a normal at -3: {off:+.1e} beside SciPy; truncated density {norm_off:+.1e}")
print(f"pt.sqrt(2.0) is {two.dtype}, {float(two.eval(mode=MODE)) / np.sqrt(2.0) - 1:+.1e} off;")
print(f"pt.sqrt(2.1) is {other.dtype}, {float(other.eval(mode=MODE)) / np.sqrt(2.1) - 1:+.1e} off")
assert 1e-9 < abs(off) < 1e-7
assert 1e-9 < abs(norm_off) < 1e-7
assert two.dtype == "float32"
assert other.dtype == "float64"
PY
