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
#          right, which is what a test sees, and so are small closures that LLVM puts in the place of
#          their calls, which depends on the processor. There is no warning.
# Versions numba 0.68.0, numpy 2.5.5; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "numba==0.68.0" "numpy==2.5.5"
cd "$folder"
export NUMBA_CACHE_DIR="$folder/cache"
cat >sums.py <<'PY'
from numba import njit


def made(step):
    @njit
    def inner(n):  # calls itself, so that no compiler of any processor puts all of it in its place
        if n < 2:
            return step
        return inner(n - 1) + inner(n - 2)

    return inner


by_two, by_three = made(2.0), made(3.0)


@njit(cache=True)
def with_two(n):
    return by_two(n)


@njit(cache=True)
def with_three(n):
    return by_three(n)
PY
run() {
    "$folder/venv/bin/python" -c "
import sys
import sums
print(*(getattr(sums, name)(10) for name in sys.argv[1:]))" "$@"
}
alone="$(run with_two) $(run with_three)"
both=$(run with_two with_three)
other=$(run with_three with_two)
rm -rf "$NUMBA_CACHE_DIR"
together=$(run with_two with_three)
echo "each in a process of its own: $alone; both loaded into a third: $both"
echo "in the other order: $other; both compiled in one process: $together"
[ "$alone" = "178.0 267.0" ] && [ "$together" = "178.0 267.0" ]
[ "$both" = "178.0 178.0" ] && [ "$other" = "267.0 267.0" ]
