"""Two processes on one empty cache, killed while they write it, and caches that are damaged."""

from __future__ import annotations

import ctypes
import json
import os
import random
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
from accidents import Tally, stopped_at
from copies import FINISHED, done, ended, start
from damages import DAMAGES
from examples import Rows, perform, tables

from bayes_cevns.density.machine_code import load
from bayes_cevns.storage import kept_arrays
from bayes_cevns.storage.caches import CACHE_VARIABLE

KILLS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


#: A function that is compiled in a hundredth of a second.
SMALL = """
define double @small(double %x) {
  %y = fdiv double %x, 1.5
  %z = fadd double %y, %x
  ret double %z
}
"""


def small_work() -> list[str]:
    """Compile a function and make a table, or take both from the cache; return their numbers."""
    compiled = load("small", SMALL)
    found = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(compiled.address)(3.14)
    path = Path(os.environ[CACHE_VARIABLE]) / f"table{kept_arrays.SUFFIX}"
    stored = kept_arrays.read(path)
    if stored is None:
        stored = {"values": np.cumsum(np.sqrt(np.arange(4000.0)))}
        kept_arrays.write(path, stored)
    return [float(found).hex(), float(stored["values"][-1]).hex(), str(stored["values"].size)]


def using(cache: Path, work: Callable[[], object]) -> Callable[[], object]:
    """Return some work that uses a cache."""

    def there() -> object:
        with patch.dict(os.environ, {CACHE_VARIABLE: str(cache)}):
            return work()

    return there


def study_work() -> dict[str, Rows]:
    """Run a study, and return its tables."""
    with tempfile.TemporaryDirectory() as name:
        perform("profile", Path(name) / "out")
        return tables(Path(name) / "out")


def two_on_one(folder: Path, work: Callable[[], object], times: int) -> Tally:
    """Start two processes on an empty cache, kill one at a random call, and look at the numbers.

    The other one, and one that comes later and finds what was left, have the right ones.
    """
    tally, note, other = Tally(), folder / "one.json", folder / "other.json"
    right = done(using(folder / "right", work), note)
    assert right.how == FINISHED, right
    calls = done(stopped_at(using(folder / "counted", work), 0, signal.SIGINT), note).value
    for number in range(times):
        cache = folder / f"cache-{number}"
        moment = random.Random(number).randint(1, calls)
        kill = KILLS[number % len(KILLS)]
        killed = start(stopped_at(using(cache, work), moment, kill), folder / "killed.json")
        beside = ended(start(using(cache, work), other), other)
        ended(killed, folder / "killed.json")
        later = done(using(cache, work), note)
        wrong = [f"{e.how} {e.text}" for e in (beside, later) if e.value != right.value]
        tally.count("; ".join(wrong))
        shutil.rmtree(cache, ignore_errors=True)
    return tally


def damaged(folder: Path, work: Callable[[], object], flips: int = 1) -> Tally:
    """Damage every file of a cache, and look at the numbers of who finds it.

    Parameters
    ----------
    folder
        Where caches are.
    work
        What uses them, and returns numbers.
    flips
        How many bits are flipped in each file, one at a time.
    """
    tally, note = Tally(), folder / "note.json"
    whole, cache = folder / "whole", folder / "damaged"
    right = done(using(whole, work), note)
    assert right.how == FINISHED, right
    files = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
    for file in files:
        for how, damage in {**DAMAGES, **flipped(flips)}.items():
            shutil.copytree(whole, cache)
            damage(cache / file)
            end = done(using(cache, work), note)
            right_again = end.how == FINISHED and end.value == right.value
            tally.count("" if right_again else f"{file} {how}: {json.dumps(end.text)} {end.how}")
            shutil.rmtree(cache)
    return tally


def flipped(number: int) -> dict[str, Callable[[Path], None]]:
    """Return so many ways to flip one bit of a file."""

    def flip(seed: int) -> Callable[[Path], None]:
        def damage(file: Path) -> None:
            content, draw = bytearray(file.read_bytes()), random.Random(seed)
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
            file.write_bytes(bytes(content))

        return damage

    return {f"a flipped bit, {seed}": flip(seed) for seed in range(number)}
