#!/usr/bin/env bash
# The distribution of dark-matter speeds in wimprates integrates to 0.970.
#
# Guess    A truncated Maxwell distribution is divided by N_esc, the part of the whole one below the
#          escape speed, so that it integrates to one: rates of different programs agree to what
#          their constants differ.
# Found    It is multiplied by N_esc = 0.98489, which is defined as its inverse elsewhere: the speeds
#          integrate to N_esc^2 = 0.97001, and every rate and limit is off by these 3%. It is less
#          than what halo parameters are uncertain by, and shows beside another program alone.
# Versions wimprates 0.5.0, scipy 1.18.1, numpy 2.5.5; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "wimprates==0.5.0" "packaging==26.4" "scipy==1.18.1" "numpy==2.5.5"
"$folder/venv/bin/python" - <<'PY'
import math
import warnings

import numericalunits as nu
from scipy.integrate import quad

with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)  # of new defaults
    import wimprates

halo = wimprates.StandardHaloModel()
unit = nu.km / nu.s
kink = (halo.v_esc - wimprates.v_earth(None)) / unit
top = wimprates.v_max(None, halo.v_esc) / unit
pieces = ((1e-6, kink), (kink, top))
total = sum(
    quad(lambda v: halo.velocity_dist(v * unit, None) * unit, *piece, limit=200)[0]
    for piece in pieces
)
z = halo.v_esc / halo.v_0
below = math.erf(z) - 2 / math.sqrt(math.pi) * z * math.exp(-(z**2))
print(f"v_0 {halo.v_0 / unit:.0f} km/s, v_esc {halo.v_esc / unit:.0f} km/s: N_esc = {below:.5f}")
print(f"integral of the speeds {total:.5f}, N_esc^2 = {below**2:.5f}")
assert abs(total - below**2) < 1e-5
assert abs(total - 0.97001) < 1e-4
PY
