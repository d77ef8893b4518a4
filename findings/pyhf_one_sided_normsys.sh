#!/usr/bin/env bash
# A systematic of pyhf with no effect downwards lowers the yield.
#
# Guess    normsys with lo = 1.0 and hi = 1.2 says that a shift down does nothing and a shift up adds
#          20%. Between 0 and -1 the yield is what both ends have, the nominal one.
# Found    A polynomial of sixth degree joins both sides (code 4), smooth in its derivatives at 1 and
#          -1: at half a sigma down the yield is 1.0% below nominal, although it is nominal at 0 and at
#          -1. With equal ends, 1.1 and 1.1, it is 3.9% up at half a sigma where a line has 5%, and no
#          place but 0 is nominal. A fit that prefers fewer events goes to -0.5 of a nuisance that
#          cannot have fewer, and its pull looks like a measurement.
# Versions pyhf 0.7.6, numpy 2.5.5, scipy 1.18.1; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pyhf==0.7.6" "numpy==2.5.5" "scipy==1.18.1"
"$folder/venv/bin/python" - <<'PY'
import warnings

warnings.simplefilter("ignore", DeprecationWarning)

import pyhf


def yields(low, high):
    modifiers = [
        {"name": "mu", "type": "normfactor", "data": None},
        {"name": "shift", "type": "normsys", "data": {"lo": low, "hi": high}},
    ]
    sample = {"name": "signal", "data": [10.0], "modifiers": modifiers}
    model = pyhf.Model({"channels": [{"name": "one", "samples": [sample]}]}, poi_name="mu")
    assert model.config.par_names == ["mu", "shift"]
    return {
        at: float(model.expected_actualdata([1.0, at])[0]) for at in (-1.0, -0.5, 0.0, 0.5, 1.0)
    }


one_sided, equal = yields(1.0, 1.2), yields(1.1, 1.1)
for what, found in (("1.0 and 1.2", one_sided), ("1.1 and 1.1", equal)):
    print(f"ends {what}: " + ", ".join(f"{n:.4f} at {at:+.1f}" for at, n in found.items()))
assert abs(one_sided[-1.0] - 10.0) < 1e-9 and abs(one_sided[0.0] - 10.0) < 1e-9
assert abs(one_sided[-0.5] - 9.9034) < 1e-3
assert abs(equal[0.5] - 10.3894) < 1e-3 and equal[-0.5] == equal[0.5]
PY
