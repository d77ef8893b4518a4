#!/usr/bin/env bash
# Scaling a variable of hepdata_lib by a negative factor leaves its errors in the wrong places.
#
# Guess    scale_values multiplies a value with its errors: of -1/+2 beside 100, times -2, become
#          -200 with -4/+2, since what was above is below now. It is what one does to turn a charge or
#          a convention of signs.
# Found    Both are multiplied, and stay where they were: "minus" is +2 and "plus" is -4. The signs
#          contradict the words, and which one a reader believes decides whether the upper error is 2 or
#          4. A value of 123456 has become -246910 besides: the five digits that a variable keeps by
#          default are those of a measurement, and a count of events is rounded by them.
# Versions hepdata_lib 0.21.0, numpy 2.5.5; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "hepdata_lib==0.21.0" "numpy==2.5.5"
"$folder/venv/bin/python" - <<'PY'
from hepdata_lib import Uncertainty, Variable


def written(factor):
    counts = Variable("counts", is_independent=False, is_binned=False, units="")
    counts.values = [123456.0]
    errors = Uncertainty("statistics", is_symmetric=False)
    errors.values = [(-1.0, 2.0)]
    counts.add_uncertainty(errors)
    counts.scale_values(factor)
    (entry,) = counts.make_dict()["values"]
    return entry["value"], dict(entry["errors"][0]["asymerror"])


for factor in (1, -2):
    value, error = written(factor)
    print(f"123456 -1 +2, times {factor}: {value} {error}")
assert written(1) == (123460.0, {"minus": -1.0, "plus": 2.0})
assert written(-2) == (-246910.0, {"minus": 2.0, "plus": -4.0})
PY
