#!/usr/bin/env bash
# llvmlite finds no function of the C library until something else has made an engine.
#
# Guess    address_of_symbol("malloc") gives the address of a function that this process has, or None
#          if it has none: the answer does not depend on what was done before.
# Found    It is None for every function, malloc and exp among them, until the first engine of the
#          process has been made, of any empty module; then it is the address. The same line is right
#          in a program that has compiled anything with Numba before, and wrong in one that checks
#          before it compiles, which would be the time to check: LLVM ends the process when code is
#          loaded that calls a function which it does not find.
# Versions llvmlite 0.50.0; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "llvmlite==0.50.0"
"$folder/venv/bin/python" - <<'PY'
import llvmlite.binding as llvm

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
names = ["malloc", "memcpy", "exp", "lgamma"]
before = {name: llvm.address_of_symbol(name) for name in names}
machine = llvm.Target.from_default_triple().create_target_machine()
still = {name: llvm.address_of_symbol(name) for name in names}
engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
after = {name: llvm.address_of_symbol(name) for name in names}
print("before an engine:", before)
print("with a target machine:", still)
print("after an engine of an empty module:", {name: bool(found) for name, found in after.items()})
assert not any(before.values()) and not any(still.values())
assert all(after.values())
assert llvm.address_of_symbol("no_function_of_this_name") is None
PY
