#!/usr/bin/env bash
# The sum of two histograms of counts has no variances any more.
#
# Guess    Histograms of unweighted events have variances equal to their counts, so has their sum: two
#          runs are added, and the errors are the roots.
# Found    Adding two of them keeps the counts, and variances() of the sum is None, without a warning:
#          any arithmetic forgets that the events had no weights, h + h as well as h * 1.0 (where None is
#          right, or at least careful). What draws errors where there are any draws none; what asks
#          for them meets None. With storage Weight() the sum has them: the kind of the storage
#          decides, and the default is the other one.
# Versions hist 2.12.1, boost-histogram 1.8.1, numpy 2.5.5; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "hist==2.12.1" "boost-histogram==1.8.1" "numpy==2.5.5"
"$folder/venv/bin/python" - <<'PY'
import hist


def run(values, storage):
    found = hist.Hist(hist.axis.Regular(3, 0.0, 3.0), storage=storage)
    return found.fill(values)


first, second = [0.5, 0.6, 1.5], [0.5, 2.5]
plain = run(first, hist.storage.Double()), run(second, hist.storage.Double())
weighted = run(first, hist.storage.Weight()), run(second, hist.storage.Weight())
for name, (one, two) in {"Double": plain, "Weight": weighted}.items():
    both = one + two
    print(f"{name}: {one.variances()} + {two.variances()} -> counts {both.values()}, "
          f"variances {both.variances()}")
    assert one.variances().tolist() == [2.0, 1.0, 0.0]
    assert both.values().tolist() == [3.0, 1.0, 1.0]
assert (plain[0] + plain[1]).variances() is None
assert (plain[0] * 1.0).variances() is None
assert (weighted[0] + weighted[1]).variances().tolist() == [3.0, 1.0, 1.0]
refilled = run(first + second, hist.storage.Double())
assert refilled.variances().tolist() == [3.0, 1.0, 1.0]
PY
