"""Compiled code comes with the package, is kept, and is made anew when it is damaged."""

from __future__ import annotations

import ctypes
import gzip
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
import pytest

from bayes_cevns.density import llvm_code, machine_code
from bayes_cevns.density.names import ALL, COPY, LOG_DENSITY
from bayes_cevns.errors import ResourceError

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
    monkeypatch.setattr(llvm_code, "shipped_stamp", lambda: "")
    assert llvm_code.llvm_code(COPY).startswith("; copy")
    assert llvm_code.llvm_code(COPY).startswith("; copy")
    assert len(writings) == 2


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
    monkeypatch.setattr(llvm_code, "shipped_stamp", lambda: "of another text")
    for _ in range(2):
        assert llvm_code.llvm_code(COPY) == "; copy, the 1th time\n"
    (file,) = (cache / "compiled").iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    assert llvm_code.llvm_code(COPY) == "; copy, the 2th time\n"
    monkeypatch.setattr(llvm_code, "stamp", lambda: "of a third text")
    assert llvm_code.llvm_code(COPY) == "; copy, the 3th time\n"


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("damage", ["another machine", "cut", "no file", "no archive"])
def test_code_of_the_package_that_cannot_be_used_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writings: list[str], damage: str
) -> None:
    own, content = tmp_path / "copy.ll.gz", (llvm_code.folder() / "copy.ll.gz").read_bytes()
    other = gzip.decompress(content).replace(llvm.get_process_triple().encode(), b"sparc-sun")
    (tmp_path / "record.txt").write_text(f"{llvm_code.stamp()}\nby\n")
    monkeypatch.setattr(llvm_code, "folder", lambda: tmp_path)
    damages = {
        "another machine": gzip.compress(other),
        "cut": content[:-100],
        "no file": None,
        "no archive": b"text",
    }
    if damages[damage] is not None:
        own.write_bytes(damages[damage])
    assert llvm_code.llvm_code(COPY) == "; copy, the 1th time\n"
    own.write_bytes(content)
    assert llvm_code.llvm_code(COPY) == gzip.decompress(content).decode()
    assert len(writings) == 1


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
    assert llvm_code.shipped_stamp() == llvm_code.stamp(), "run make compiled"


@pytest.mark.parametrize("name", ALL)
def test_the_code_of_the_package_is_what_numba_writes(name: str) -> None:
    """To the last character, with the same compiler."""
    by = llvm_code.shipped_by()
    if by != llvm_code.compiler():
        pytest.skip(f"it was written by {by}, here is {llvm_code.compiler()}")
    code = gzip.decompress((llvm_code.folder() / f"{name}.ll.gz").read_bytes()).decode()
    assert code == llvm_code.written(name)


def test_the_compiler_is_the_one_that_is_installed() -> None:
    assert llvm_code.compiler() == f"numba {version('numba')}, llvmlite {version('llvmlite')}"


def test_code_that_cannot_be_written_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ResourceError, match=r"could not be compiled.*no_function.*AssertionError"):
        llvm_code.written("no_function")
    monkeypatch.setattr(llvm_code.sys, "executable", "/no/python")
    with pytest.raises(ResourceError, match=r"could not be compiled.*/no/python"):
        llvm_code.written(LOG_DENSITY)


def test_variables_of_numba_change_nothing(tmp_path: Path) -> None:
    given = {"NUMBA_DISABLE_JIT": "1", "NUMBA_OPT": "0"}
    assert run(tmp_path / "own", **given)["draws"] == run(tmp_path / "other")["draws"]


def test_a_library_of_c_that_lacks_a_function_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """LLVM would end the process."""
    third(1.0)
    assert machine_code._missing() == []
    monkeypatch.setattr(machine_code, "C_LIBRARY", ("exp", "no_such_function"))
    with pytest.raises(ResourceError, match="lacks no_such_function"):
        third(1.0)
