#!/usr/bin/env bash
# Machine code that llvmlite emits changes the module that it is emitted from.
#
# Guess    TargetMachine.emit_object and emit_assembly read a module: its text is the same before and
#          after, so that it can be emitted again, for another processor, or kept as text.
# Found    The text changes: the passes of LLVM that prepare code for a processor work on the module
#          itself. A loop that copies numbers has other address arithmetic afterwards: conversions of
#          addresses have moved into the loop, and elements are counted in bytes. What Numba's
#          inspect_llvm returns has been through this too, which names with "sunkaddr" show: it is not
#          the code that its optimisation ended with. Whoever keeps the text of a module, or hands it to
#          another pipeline, takes a clone before emitting.
# Versions llvmlite 0.50.0, numba 0.68.0, numpy 2.5.5; Python 3.12 or newer. For x86-64.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "llvmlite==0.50.0" "numba==0.68.0" "numpy==2.5.5"
export NUMBA_CACHE_DIR="$folder/cache"
"$folder/venv/bin/python" - <<'PY'
import llvmlite.binding as llvm
from numba import carray, cfunc, types

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
TEXT = """
define void @copy(i64 %to, i64 %from, i64 %n) {
entry:
  %source = inttoptr i64 %from to ptr
  %target = inttoptr i64 %to to ptr
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %more ]
  %done = icmp eq i64 %i, %n
  br i1 %done, label %end, label %more
more:
  %a = getelementptr double, ptr %source, i64 %i
  %x = load double, ptr %a
  %b = getelementptr double, ptr %target, i64 %i
  store double %x, ptr %b
  %next = add i64 %i, 1
  br label %loop
end:
  ret void
}
"""
module = llvm.parse_assembly(TEXT)
machine = llvm.Target.from_default_triple().create_target_machine(opt=2)
before = str(module)
first = machine.emit_object(module)
after = str(module)
print(f"the text of the module has {len(before)} characters before, {len(after)} after;")
in_loop = [text.partition("more:")[2].count("inttoptr") for text in (before, after)]
print(f"conversions of addresses in its loop: {in_loop[0]} before, {in_loop[1]} after")
numbers = types.CPointer(types.double)


@cfunc(types.void(numbers, numbers, types.int64))
def copy(to, source, n):
    a, b = carray(to, n), carray(source, n)
    for i in range(n):
        a[i] = b[i]


text = copy.inspect_llvm()
print(f"what Numba shows has sunkaddr {text.count('sunkaddr')} times")
assert before == str(llvm.parse_assembly(TEXT))
assert before != after and in_loop == [0, 2]
assert "sunkaddr" in text
PY
