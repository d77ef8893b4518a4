"""Compiled code is kept, is made anew when it is damaged, and gives the same digits either way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bayes_cevns.density import compile_cache
from bayes_cevns.density.compile_cache import compiled

#: A fit of nothing but the density, with what was loaded on the way.
PROGRAM = """
import json, sys
from bayes_cevns.cards import experiment
from bayes_cevns.density import entries
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec

spec = ModelSpec.of([experiment("xenonnt_cevns")], interaction="b-l")
engine = Engine(spec, SamplerSettings(draws=50, tune=50, chains=2))
fit = engine.fit(10.0, seed=1)
entry = entries.log_density_entry(states=False)
print(json.dumps({
    "draws": [float(x).hex() for x in fit.posterior["coupling"].values.ravel()],
    "hits": entry.cache_hits,
    "loaded": sorted({name.partition(".")[0] for name in sys.modules}),
}))
"""


#: The densities of some models at one point, one after the other: with states of solar neutrinos
#: that couplings change, and without.
DENSITIES = """
import json, sys
import numpy as np
from bayes_cevns.cards import experiment
from bayes_cevns.inference.engine import Engine
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.couplings.model import CouplingModel

asked = {"states": {"couplings": CouplingModel.of(["eps_ee_u"])}, "none": {"interaction": "b-l"}}
found = {}
for name in sys.argv[1].split():
    engine = Engine(ModelSpec.of([experiment("xenonnt_cevns")], **asked[name]))
    model = engine.compile(10.0 if name == "none" else None).compiled
    found[name] = float(model.log_density(np.full((1, model.size), 0.1))[0][0]).hex()
print(json.dumps(found))
"""


def run(folder: Path, program: str = PROGRAM, *arguments: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "BAYES_CEVNS_CACHE": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_a_second_process_compiles_nothing_and_has_the_same_digits(tmp_path: Path) -> None:
    first, second = run(tmp_path), run(tmp_path)
    assert (first["hits"], second["hits"]) == (0, 1)
    assert first["draws"] == second["draws"]
    slow = {"pymc", "pytensor", "arviz", "matplotlib", "nutpie", "iminuit"}
    assert not slow & set(second["loaded"]), "these take seconds, and a fit needs none of them"
    for file in (tmp_path / "compiled").iterdir():
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    third, fourth = run(tmp_path), run(tmp_path)
    assert (third["hits"], fourth["hits"]) == (0, 1)
    assert third["draws"] == fourth["draws"] == first["draws"]


def test_a_cache_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from numba import types

    file = tmp_path / "no_folder"
    file.write_text("")
    monkeypatch.setattr(compile_cache, "cache_dir", lambda: file)

    def double(x: float) -> float:
        return 2.0 * x

    found = compiled(double, types.double(types.double), "double")
    assert found.ctypes(np.pi) == 2.0 * np.pi


def test_damaged_code_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba loads what it finds: one wrong bit ends the process, or gives another number."""
    from numba import types

    monkeypatch.setattr(compile_cache, "cache_dir", lambda: tmp_path)

    def third(x: float) -> float:
        return x / 3.0

    def entry() -> Any:
        return compiled(third, types.double(types.double), "third")

    assert (entry().cache_hits, entry().cache_hits) == (0, 1)
    for file in sorted((tmp_path / "compiled").iterdir()):
        whole = file.read_bytes()
        for place in (0, 40, len(whole) // 2, len(whole) - 1):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
            found = entry()
            assert (found.cache_hits, found.ctypes(np.pi)) == (0, np.pi / 3.0)


def test_other_code_has_another_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = compile_cache.stamp()
    package = tmp_path / "package"
    for folder in compile_cache._SOURCES:
        (package / folder).mkdir(parents=True)
    (package / "density" / "walk.py").write_text("1")
    monkeypatch.setattr(compile_cache, "files", lambda _: package)
    compile_cache.stamp.cache_clear()
    try:
        other = compile_cache.stamp()
        (package / "density" / "walk.py").write_text("2")
        compile_cache.stamp.cache_clear()
        assert len({own, other, compile_cache.stamp()}) == 3
    finally:
        monkeypatch.undo()
        compile_cache.stamp.cache_clear()


def test_code_of_two_processes_is_loaded_into_a_third(tmp_path: Path) -> None:
    """Functions of one name would have one symbol in both, and the linker would take the first."""
    apart = run(tmp_path, DENSITIES, "none") | run(tmp_path, DENSITIES, "states")
    assert run(tmp_path, DENSITIES, "states none") == apart
    assert run(tmp_path, DENSITIES, "none states") == apart


#: Where a process and a fork of it count compiled functions from.
FORKED = """
import json, os
from bayes_cevns.tables.compiled import FunctionIdentity

read, write = os.pipe()
child = os.fork()
if child == 0:
    os.write(write, str(next(FunctionIdentity._unique_ids)).encode())
    os._exit(0)
os.waitpid(child, 0)
print(json.dumps([int(os.read(read, 99)), next(FunctionIdentity._unique_ids)]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_counts_from_another_number(tmp_path: Path) -> None:
    numbers = [*run(tmp_path, FORKED), *run(tmp_path, FORKED)]
    gaps = [abs(a - b) for i, a in enumerate(numbers) for b in numbers[:i]]
    assert min(gaps) > 1_000_000
