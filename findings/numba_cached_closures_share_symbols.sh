#!/usr/bin/env bash
# Functions that two processes have cached with Numba give each other's results in a third one.
#
# Guess    cache=True changes how long a function takes to start, and nothing else: what two processes
#          have compiled and kept, a third one loads, and each function is what it was.
# Found    Two cached functions call closures made by one factory with different constants. Each is
#          compiled in a process of its own. A process that loads both gets the result of the one that
#          it called first from both of them. Numba tells the closures apart by the order in which a
#          process compiles them, counted from one: in two processes both have the same number, so
#          their symbols are alike, and the linker takes the first. Compiled in one process they are
#          right, which is what a test sees. There is no warning.
# Versions numba 0.68.0, numpy 2.5.5; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "numba==0.68.0" "numpy==2.5.5"
cd "$folder"
export NUMBA_CACHE_DIR="$folder/cache"
cat >sums.py <<'PY'
import numpy as np
from numba import njit


def made(step):
    @njit
    def inner(values):
        total = 0.0
        for i in range(values.size):
            for j in range(i):
                total += values[j] * step + np.sin(values[i] * total) * step
        return total + step

    return inner


by_two, by_three = made(2.0), made(3.0)


@njit(cache=True)
def with_two(values):
    return by_two(values)


@njit(cache=True)
def with_three(values):
    return by_three(values)
PY
run() {
    "$folder/venv/bin/python" -c "
import sys
import numpy as np
import sums
print(*(getattr(sums, name)(np.zeros(4)) for name in sys.argv[1:]))" "$@"
}
alone="$(run with_two) $(run with_three)"
both=$(run with_two with_three)
other=$(run with_three with_two)
rm -rf "$NUMBA_CACHE_DIR"
together=$(run with_two with_three)
echo "each in a process of its own: $alone; both loaded into a third: $both"
echo "in the other order: $other; both compiled in one process: $together"
[ "$alone" = "2.0 3.0" ] && [ "$together" = "2.0 3.0" ]
[ "$both" = "2.0 2.0" ] && [ "$other" = "3.0 3.0" ]
