"""A process that writes code of LLVM with Numba: ``python -m bayes_cevns.density.from_numba NAME``.

Besides the function itself, what Numba writes counts references of arrays, and raises errors of
Python. Nothing that is compiled here needs either, so that both are taken out, and what remains
needs the library of C alone.
"""

from __future__ import annotations

import re
import sys

import llvmlite.binding as llvm
from numba import cfunc

from bayes_cevns.density.entries import entry
from bayes_cevns.density.llvm_code import stamp
from bayes_cevns.density.names import C_LIBRARY

#: Functions that allocate arrays, and those that count references of what was allocated.
_ALLOCATES = re.compile(r"^declare [^\n]*@NRT_(?:MemInfo_alloc|Allocate)", re.MULTILINE)
#: Names of scopes, which differ from one process to the next.
_NAMES = re.compile(r', !"_ZN[^"]*"}')
_COUNTS = re.compile(r"^define [^\n]*@(NRT_(?:inc|dec)ref)\(.*?^}\n", re.MULTILINE | re.DOTALL)


def code_of(name: str) -> str:
    """Return the code of a function, by its name in `bayes_cevns.density.names`.

    Raises
    ------
    ValueError
        If there is no such function; or if it allocates arrays, or needs more than the library of
        C, and could not be called without Numba.
    """
    function, signature = entry(name)
    found = cfunc(signature, nopython=True, error_model="numpy")(function)
    code = found.inspect_llvm()
    if _ALLOCATES.search(code):
        raise ValueError(f"{name} allocates arrays: use bayes_cevns.tables.views.allocate")
    code = _COUNTS.sub(r"define internal void @\1(ptr %_) alwaysinline { ret void }\n", code)
    module = _alone(llvm.parse_assembly(code.replace(found.native_name, name)), name)
    needed = {each.name for each in module.functions if each.is_declaration}
    needed = {each for each in needed if not each.startswith("llvm.")} - {*C_LIBRARY}
    if needed:
        raise ValueError(f"{name} needs {', '.join(sorted(needed))}")
    return _NAMES.sub("}", str(module))


def _alone(module: llvm.ModuleRef, name: str) -> llvm.ModuleRef:
    """Return a module in which one function can be seen, without what this does not need."""
    for each in module.functions:
        if not each.is_declaration:
            each.linkage = "external" if each.name == name else "internal"
    for variable in module.global_variables:
        if not variable.is_declaration:
            variable.linkage = "internal"
    machine = llvm.Target.from_triple(module.triple).create_target_machine(opt=1)
    tuning = llvm.create_pipeline_tuning_options(speed_level=1)
    tuning.loop_vectorization = tuning.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    passes = llvm.create_new_module_pass_manager()
    passes.add_ipsccp_pass()
    passes.add_simplify_cfg_pass()
    passes.add_global_dead_code_eliminate_pass()
    passes.add_strip_dead_prototype_pass()
    passes.add_strip_symbols_pass()
    passes.run(module, builder)
    return module


if __name__ == "__main__":
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    sys.stdout.write(f"{stamp()}\n{code_of(sys.argv[1])}")
