"""Compiled code comes with the package, is kept, and is made anew when it is damaged."""

from __future__ import annotations

import ctypes
import functools
import gzip
import hashlib
import json
import math
import os
import re
import struct
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm
import numpy as np
import pytest

from bayes_cevns.cards import experiment
from bayes_cevns.density import compiled, llvm_code, machine_code
from bayes_cevns.density.names import ALL, COPY, LOG_DENSITY, NO_MEMORY
from bayes_cevns.errors import ResourceError
from bayes_cevns.inference import one_point
from bayes_cevns.inference.engine import Engine
from bayes_cevns.specification.model_spec import ModelSpec

#: A function of LLVM that divides by three.
THIRD = """
target triple = "{}"

define double @third(double %x) {{
  %y = fdiv double %x, 3.0
  ret double %y
}}
"""

#: A fit of nothing but the density, with what was loaded on the way.
PROGRAM = """
import json, sys
from bayes_cevns.cards import experiment
from bayes_cevns.density.machine_code import loaded
from bayes_cevns.density.names import LOG_DENSITY
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec

spec = ModelSpec.of([experiment("xenonnt_cevns")], interaction="b-l")
engine = Engine(spec, SamplerSettings(draws=50, tune=50, chains=2))
fit = engine.fit(10.0, seed=1)
print(json.dumps({
    "draws": [float(x).hex() for x in fit.posterior["coupling"].values.ravel()],
    "kept": loaded(LOG_DENSITY).kept,
    "loaded": sorted({name.partition(".")[0] for name in sys.modules}),
}))
"""


def run(folder: Path, **environment: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "BAYES_CEVNS_CACHE": str(folder), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def folder_of_code() -> list[Path]:
    return sorted(llvm_code.folder().glob("*.ll.gz"))


#: Numbers in a module of LLVM: single ones, and arrays as bytes.
_NUMBER = re.compile(r"0x[0-9A-F]{16}|-?[0-9]\.[0-9]+e[+-][0-9]+")
_BYTES = re.compile(r'c"((?:[^"\\]|\\[0-9A-F]{2})*)"')


def parts(code: str) -> tuple[str, np.ndarray]:
    """Return a module without its numbers, and these."""
    found: list[float] = []

    def single(number: re.Match[str]) -> str:
        text = number[0]
        exact = text.startswith("0x")
        value = struct.unpack(">d", bytes.fromhex(text[2:]))[0] if exact else float(text)
        found.append(value)
        return "NUMBER"

    def several(text: re.Match[str]) -> str:
        raw = re.sub(rb"\\([0-9A-F]{2})", lambda x: bytes.fromhex(x[1].decode()), text[1].encode())
        if len(raw) % 8:
            return text[0]
        found.extend(np.frombuffer(raw))
        return f"{len(raw)} BYTES"

    rest = _NUMBER.sub(single, _BYTES.sub(several, code))
    return rest, np.array(found)


def third(x: float) -> tuple[float, bool]:
    """Return x / 3 by compiled code, and whether that was kept."""
    found = machine_code.load("third", THIRD.format(llvm.get_process_triple()))
    return ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(found.address)(x), found.kept


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (llvm_code, machine_code):
        monkeypatch.setattr(module, "cache_dir", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def writings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was written anew, with quick code in place of that of Numba."""
    asked: list[str] = []

    def written(name: str) -> str:
        asked.append(name)
        return f"; {name}, the {len(asked)}th time\n"

    monkeypatch.setattr(llvm_code, "written", written)
    return asked


def test_a_second_process_compiles_nothing_and_has_the_same_digits(tmp_path: Path) -> None:
    first, second = run(tmp_path), run(tmp_path)
    assert (first["kept"], second["kept"]) == (False, True)
    assert first["draws"] == second["draws"]
    slow = {"numba", "pymc", "pytensor", "arviz", "matplotlib", "nutpie", "iminuit"}
    for each in (first, second):
        assert not slow & set(each["loaded"]), "these take seconds, and a fit needs none of them"
    for file in (tmp_path / "compiled").iterdir():
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    third, fourth = run(tmp_path), run(tmp_path)
    assert (third["kept"], fourth["kept"]) == (False, True)
    assert third["draws"] == fourth["draws"] == first["draws"]


@pytest.mark.usefixtures("cache")
def test_a_cache_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writings: list[str]
) -> None:
    file = tmp_path / "no_folder"
    file.write_text("")
    for module in (llvm_code, machine_code):
        monkeypatch.setattr(module, "cache_dir", lambda: file)
    assert third(np.pi) == third(np.pi) == (np.pi / 3.0, False)
    monkeypatch.setattr(llvm_code, "record", lambda: None)
    assert llvm_code.llvm_code(COPY).startswith("; copy")
    assert llvm_code.llvm_code(COPY).startswith("; copy")
    assert len(writings) == 2


def test_what_all_fits_need_is_loaded_ahead(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a thread, which keeps its errors to itself: they are raised where it is needed."""
    asked: list[str] = []

    def ended() -> None:
        for thread in threading.enumerate():
            if thread.name == "machine code":
                thread.join()

    monkeypatch.setattr(machine_code, "loaded", asked.append)
    machine_code.load_ahead()
    ended()
    assert asked == [LOG_DENSITY, COPY]

    def fails(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(machine_code, "loaded", fails)
    monkeypatch.setattr(threading, "excepthook", lambda said: asked.append(str(said)))
    machine_code.load_ahead()
    ended()
    assert asked == [LOG_DENSITY, COPY]

    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_thread)
    machine_code.load_ahead()
    assert not cache.exists()


def test_damaged_machine_code_is_not_loaded(cache: Path) -> None:
    """One wrong bit ends the process, or gives another number."""
    assert (third(np.pi), third(np.pi)) == ((np.pi / 3.0, False), (np.pi / 3.0, True))
    (file,) = (cache / "compiled").iterdir()
    whole = file.read_bytes()
    for place in (0, 40, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        assert third(np.pi) == (np.pi / 3.0, False)


def test_machine_code_is_that_of_this_processor(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    third(1.0)
    monkeypatch.setattr(machine_code, "_features", lambda: "")
    assert third(np.pi) == (np.pi / 3.0, False)
    assert len(list((cache / "compiled").iterdir())) == 2


def test_code_for_another_text_is_written_once(
    cache: Path, monkeypatch: pytest.MonkeyPatch, writings: list[str]
) -> None:
    shipped = llvm_code.llvm_code(COPY)
    assert f'target triple = "{llvm.get_process_triple()}"' in shipped
    assert not writings
    own = llvm_code.record()
    monkeypatch.setattr(llvm_code, "record", lambda: replace(own, stamp="of another text"))
    for _ in range(2):
        assert llvm_code.llvm_code(COPY) == "; copy, the 1th time\n"
    (file,) = (cache / "compiled").iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    assert llvm_code.llvm_code(COPY) == "; copy, the 2th time\n"
    monkeypatch.setattr(llvm_code, "stamp", lambda: "of a third text")
    assert llvm_code.llvm_code(COPY) == "; copy, the 3th time\n"


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("damage", ["another machine", "cut", "no file", "later LLVM", "no record"])
def test_code_of_the_package_that_cannot_be_used_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writings: list[str], damage: str
) -> None:
    whole = llvm_code.folder()
    content, record = ((whole / name).read_bytes() for name in ("copy.ll.gz", "record.json"))
    other = gzip.decompress(content).replace(llvm.get_process_triple().encode(), b"sparc-sun")
    own, said = tmp_path / "copy.ll.gz", tmp_path / "record.json"
    monkeypatch.setattr(llvm_code, "folder", lambda: tmp_path)
    own.write_bytes(content)
    said.write_bytes(record)
    assert llvm_code.llvm_code(COPY) == gzip.decompress(content).decode()
    if damage == "another machine":
        packed = gzip.compress(other)
        own.write_bytes(packed)
        digests = {"copy.ll.gz": hashlib.sha256(packed).hexdigest()}
        said.write_text(json.dumps(json.loads(record) | {"digests": digests}))
    elif damage == "cut":
        own.write_bytes(content[:-100])
    elif damage == "no file":
        own.unlink()
    elif damage == "later LLVM":
        said.write_text(json.dumps(json.loads(record) | {"llvm": 1000}))
    else:
        said.write_bytes(record[:-9])
    assert not writings
    assert llvm_code.llvm_code(COPY) == "; copy, the 1th time\n"


def test_other_text_has_another_stamp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = llvm_code.stamp()
    package = tmp_path / "package"
    for folder in llvm_code._SOURCES:
        (package / folder).mkdir(parents=True)
    (package / "density" / "walk.py").write_text("1")
    monkeypatch.setattr(llvm_code, "files", lambda _: package)
    llvm_code.stamp.cache_clear()
    try:
        other = llvm_code.stamp()
        (package / "density" / "walk.py").write_text("2")
        llvm_code.stamp.cache_clear()
        assert len({own, other, llvm_code.stamp()}) == 3
    finally:
        monkeypatch.undo()
        llvm_code.stamp.cache_clear()


def test_the_code_of_the_package_is_of_its_text() -> None:
    own = llvm_code.record()
    assert own is not None
    assert own.stamp == llvm_code.stamp(), "run make compiled"
    files = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder_of_code()}
    assert own.digests == files


@pytest.mark.parametrize("name", ALL)
def test_the_code_of_the_package_is_what_numba_writes(name: str) -> None:
    """With the same compiler; the last digits of constants are those of the processor."""
    own = llvm_code.record()
    assert own is not None
    if own.compiler != llvm_code.compiler():
        pytest.skip(f"it was written by {own.compiler}, here is {llvm_code.compiler()}")
    code = gzip.decompress((llvm_code.folder() / f"{name}.ll.gz").read_bytes()).decode()
    if llvm.get_process_triple() not in code:
        pytest.skip("it was written on another kind of machine")
    (text, numbers), (own_text, own_numbers) = map(parts, (code, llvm_code.written(name)))
    assert text == own_text
    assert np.allclose(numbers, own_numbers, rtol=1e-12, atol=0.0, equal_nan=True)
    assert numbers.size > 100 or name == COPY


def test_the_compiler_is_the_one_that_is_installed() -> None:
    import numba

    expected = f"numba {numba.__version__}, llvmlite {llvmlite.__version__}"
    assert llvm_code.compiler() == expected


def test_code_that_cannot_be_written_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ResourceError, match=r"could not be compiled.*no function is called no_fun"):
        llvm_code.written("no_function")
    monkeypatch.setattr(llvm_code.sys, "executable", "/no/python")
    with pytest.raises(ResourceError, match=r"could not be compiled.*/no/python"):
        llvm_code.written(LOG_DENSITY)


def test_variables_of_numba_and_python_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = llvm_code.written(COPY)
    for name, value in {"NUMBA_DISABLE_JIT": "1", "NUMBA_OPT": "0", "PYTHONOPTIMIZE": "1"}.items():
        monkeypatch.setenv(name, value)
    assert llvm_code.written(COPY) == expected


def test_code_of_another_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llvm_code, "stamp", lambda: "of an edited text")
    with pytest.raises(ResourceError, match="the text of the package has changed meanwhile"):
        llvm_code.written(COPY)


@pytest.mark.parametrize(
    ("body", "why"),
    [("np.empty(size).size", "allocates arrays"), ("math.erf(size)", "needs erf")],
)
def test_what_needs_numba_at_run_time_is_refused(
    monkeypatch: pytest.MonkeyPatch, body: str, why: str
) -> None:
    from bayes_cevns.density import from_numba

    given = {"np": np, "math": math}
    exec(f"def own(size, a, b, c, d):\n    return int({body})", given)
    signature = from_numba.entry(COPY)[1]
    monkeypatch.setattr(from_numba, "entry", lambda _: (given["own"], signature))
    with pytest.raises(ValueError, match=f"own {why}"):
        from_numba.code_of("own")


def test_two_threads_load_a_function_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What owns the memory of machine code must not be given up while its address is known."""
    monkeypatch.setattr(machine_code, "_loaded", functools.cache(machine_code._loaded.__wrapped__))
    together = threading.Barrier(4)

    def address(_: int) -> int:
        together.wait()
        return machine_code.loaded(COPY).address

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(address, range(4)))) == 1
    assert machine_code._loaded.cache_info().misses == 1
    assert len(list((cache / "compiled").iterdir())) == 1


def test_too_little_memory_is_no_impossible_point(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_memory(*_: object) -> int:
        return NO_MEMORY

    spec = ModelSpec.of([experiment("xenonnt_2024_s2")], interaction="b-l")
    model = Engine(spec).compile(10.0).compiled
    monkeypatch.setattr(compiled, "FUNCTION", lambda _: without_memory)
    with pytest.raises(MemoryError):
        model.log_density(np.zeros((1, model.size)))
    monkeypatch.setattr(one_point, "FUNCTION", lambda _: without_memory)
    with pytest.raises(MemoryError):
        one_point.OnePoint(model)(np.zeros(model.size))


@pytest.mark.usefixtures("cache")
def test_a_library_of_c_that_lacks_a_function_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """LLVM would end the process."""
    third(1.0)
    assert machine_code._missing() == []
    monkeypatch.setattr(machine_code, "C_LIBRARY", ("exp", "no_such_function"))
    with pytest.raises(ResourceError, match="lacks no_such_function"):
        third(1.0)
