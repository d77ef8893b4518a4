#!/usr/bin/env bash
# The mode of a mixture is where an optimiser stopped, even at 1e300.
#
# Guess    scipy.stats.Mixture(...).mode() is where the density of the mixture is greatest, or it
#          fails: pdf, cdf, mean and quantiles of the same object are right.
# Found    It follows the density from one place. With a broad and a narrow component it returns
#          the lower of the two peaks; with two narrow ones, far apart, the density at its start is
#          zero and it returns a number of the order of 1e300, with a warning of overflow alone.
# Versions scipy 1.18.1, numpy 2.5.5; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "scipy==1.18.1" "numpy==2.5.5"
"$folder/venv/bin/python" - <<'PY'
import warnings

from scipy import stats

normal = stats.Normal

two = stats.Mixture([normal(mu=0.0, sigma=1.0), normal(mu=10.0, sigma=0.1)], weights=[0.9, 0.1])
mode = float(two.mode())
print(f"broad + narrow: mode() = {mode:.3g}, density {two.pdf(mode):.3f} there, "
      f"{two.pdf(10.0):.3f} at 10")
assert abs(mode) < 0.1 and two.pdf(10.0) > 1.1 * two.pdf(mode)
assert abs(two.icdf(0.95) - 10.0) < 1e-6

apart = stats.Mixture([normal(mu=m, sigma=0.01) for m in (-50.0, 50.0)], weights=[0.4, 0.6])
with warnings.catch_warnings():
    warnings.simplefilter("ignore", RuntimeWarning)  # of overflow
    mode = float(apart.mode())
print(f"two narrow: mode() = {mode:.3g}, density {apart.pdf(mode):.3g} there, "
      f"{apart.pdf(50.0):.3g} at 50, mean {apart.mean():.3g}")
assert abs(mode) > 1e100 and apart.pdf(mode) == 0.0
assert abs(apart.mean() - 10.0) < 1e-6
PY
