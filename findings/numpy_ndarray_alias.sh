#!/usr/bin/env bash
# NDArray[float64] is no ndarray to those who look at annotations.
#
# Guess    typing.get_origin(NDArray[np.float64]) is np.ndarray, and get_args gives the shape and the
#          dtype, so that a reader of annotations (of dataclass fields, say) can tell arrays by it.
# Found    NDArray is an alias of its own (a `type` statement): the origin of NDArray[np.float64] is
#          NDArray itself, and its __value__ has the type variable in place of float64, since the
#          attribute is that of the alias without its argument. The argument is in get_args alone.
# Versions numpy 2.5.5; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "numpy==2.5.5"
"$folder/venv/bin/python" - <<'PY'
from typing import get_args, get_origin

import numpy as np
from numpy.typing import NDArray

kind = NDArray[np.float64]
print(f"origin {get_origin(kind)}, arguments {get_args(kind)}")
print(f"value {kind.__value__}")
assert get_origin(kind) is NDArray and get_origin(kind) is not np.ndarray
assert get_args(kind) == (np.float64,)
assert get_origin(kind.__value__) is np.ndarray
assert "float64" not in str(kind.__value__)
PY
