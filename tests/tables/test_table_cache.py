"""The disk cache of mass tables: never wrong, never in the way."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bayes_cevns.cards.table_file import read_netcdf
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import NuclearRecoilRate, Rate
from bayes_cevns.sources import Source, source
from bayes_cevns.storage import atomic, kept_arrays
from bayes_cevns.storage.caches import cache_dir
from bayes_cevns.storage.resources import data_file
from bayes_cevns.tables import store
from bayes_cevns.tables.mass_axis import MassTable

NODES_KEV = np.array([0.5, 0.8, 1.0, 1.4, 2.0, 3.0])


@pytest.fixture
def rate() -> NuclearRecoilRate:
    return NuclearRecoilRate(
        source=source("solar_8b"), target=target("Xe"), interaction=interaction("b-l")
    )


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "deep" / "cache"
    monkeypatch.setenv("BAYES_CEVNS_CACHE", str(folder))
    return folder


@pytest.fixture
def builds(monkeypatch) -> list[Rate]:
    """Every rate that was integrated."""
    seen: list[Rate] = []
    real = MassTable.build.__func__

    def counted(cls, rate, recoil_energy_kev):
        seen.append(rate)
        return real(cls, rate, recoil_energy_kev)

    monkeypatch.setattr(MassTable, "build", classmethod(counted))
    return seen


def scaled(old: Source, factor: float) -> Source:
    fluxes = {
        flavour: tuple(part.scaled_to(factor * part.total_per_cm2_s) for part in parts)
        for flavour, parts in old.fluxes.items()
    }
    return replace(old, fluxes=fluxes)


def same(one: MassTable, other: MassTable) -> bool:
    return (
        np.array_equal(one.reduced, other.reduced)
        and np.array_equal(one.mass_mev, other.mass_mev)
        and np.array_equal(one.recoil_energy_kev, other.recoil_energy_kev)
        and one.recoil_mass_mev == other.recoil_mass_mev
    )


def entry(cache: Path) -> Path:
    (path,) = cache.iterdir()
    return path


def test_the_folder_is_that_of_the_variable(cache, monkeypatch):
    assert cache_dir() == cache
    monkeypatch.delenv("BAYES_CEVNS_CACHE")
    assert cache_dir().name == "bayes_cevns"


def test_built_once_and_read_after_that(rate, cache, builds):
    first = store.mass_table(rate, NODES_KEV)
    assert entry(cache).name == f"{store.content_hash(rate, NODES_KEV)}.arrays"
    before = entry(cache).stat()
    second = store.mass_table(rate, NODES_KEV)
    assert len(builds) == 1
    assert same(first, second)
    after = entry(cache).stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    np.testing.assert_array_equal(first.weights(12.3), second.weights(12.3))


def test_what_is_read_is_used(rate, cache, monkeypatch):
    """Guard of the test above: what was stored decides, not what would be built now."""
    table = MassTable.build(rate, NODES_KEV)
    doubled = replace(table, reduced=2 * table.reduced)
    with monkeypatch.context() as patch:
        patch.setattr(MassTable, "build", lambda *_: doubled)
        store.mass_table(rate, NODES_KEV)
    assert entry(cache).is_file()
    found = store.mass_table(rate, NODES_KEV).weights(5.0)
    np.testing.assert_allclose(found, 2 * table.weights(5.0), rtol=1e-12)


@pytest.mark.parametrize(
    "change",
    [
        lambda r: replace(r, source=source("solar_8b_winter2006")),
        lambda r: replace(r, source=scaled(r.source, 5.25 / 5.46)),
        lambda r: replace(r, interaction=interaction("vector-universal")),
        lambda r: replace(r, interaction=replace(r.interaction, proton=-0.9999999999)),
        lambda r: replace(r, interaction=None),
        lambda r: replace(r, target=target("Ar")),
        lambda r: replace(r, theory=Theory("klein-nystrand")),
    ],
)
def test_the_name_follows_the_content(rate, change):
    assert store.content_hash(rate, NODES_KEV) != store.content_hash(change(rate), NODES_KEV)


def test_the_name_follows_the_recoil_energies_and_the_code(rate, monkeypatch):
    name = store.content_hash(rate, NODES_KEV)
    assert store.content_hash(rate, NODES_KEV * (1 + 1e-15)) != name
    assert store.content_hash(rate, NODES_KEV[:-1]) != name
    assert store.content_hash(rate, NODES_KEV.copy()) == name
    monkeypatch.setattr(store, "_code_digest", lambda: "another")
    assert store.content_hash(rate, NODES_KEV) != name


@pytest.mark.parametrize("length", [0, 1, 100, 3000, -1])
def test_a_truncated_entry_is_built_anew(rate, cache, builds, length):
    table = store.mass_table(rate, NODES_KEV)
    path = entry(cache)
    whole = path.read_bytes()
    path.write_bytes(whole[:length])
    assert same(store.mass_table(rate, NODES_KEV), table)
    assert len(builds) == 2
    # The rebuilt file is whole again.
    assert same(store.mass_table(rate, NODES_KEV), table)
    assert len(builds) == 2


@pytest.mark.parametrize("content", [b"", b"not arrays", b"\x89HDF\r\n\x1a\n" + bytes(2000)])
def test_a_foreign_file_is_replaced(rate, cache, builds, content):
    table = store.mass_table(rate, NODES_KEV)
    entry(cache).write_bytes(content)
    assert same(store.mass_table(rate, NODES_KEV), table)
    assert len(builds) == 2


def test_an_entry_without_its_variables_is_built_anew(rate, cache, builds):
    table = store.mass_table(rate, NODES_KEV)
    kept_arrays.write(entry(cache), {"other": [1.0]})
    assert same(store.mass_table(rate, NODES_KEV), table)
    assert len(builds) == 2


@pytest.mark.parametrize("what", ["reduced", "mass_mev", "recoil_energy_kev", "recoil_mass_mev"])
def test_an_altered_number_is_noticed(rate, cache, what):
    table = store.mass_table(rate, NODES_KEV)
    path = entry(cache)
    whole, arrays = path.read_bytes(), table.to_arrays()
    kept_arrays.write(path, arrays | {what: np.multiply(arrays[what], 1 + 1e-6)})
    assert not same(store.mass_table(rate, NODES_KEV), table)  # a right digest is believed
    altered = path.read_bytes()
    path.write_bytes(whole[:32] + altered[32:])
    assert same(store.mass_table(rate, NODES_KEV), table)
    assert path.read_bytes() == whole


def test_a_cache_that_is_a_file_costs_only_time(rate, tmp_path, monkeypatch, builds):
    blocked = tmp_path / "blocked"
    blocked.write_text("in the way")
    for folder in (blocked, blocked / "below"):
        monkeypatch.setenv("BAYES_CEVNS_CACHE", str(folder))
        assert store.mass_table(rate, NODES_KEV).weights(3.0).shape == (3, NODES_KEV.size)
    assert len(builds) == 2
    assert blocked.read_text() == "in the way"


def test_a_cache_that_cannot_be_written_costs_only_time(rate, cache, monkeypatch, builds):
    def refuse(*_, **__):
        raise PermissionError("read-only file system")

    monkeypatch.setattr(atomic, "path", refuse)
    for _ in range(2):
        store.mass_table(rate, NODES_KEV)
    assert len(builds) == 2
    assert list(cache.iterdir()) == []


def test_a_failed_write_leaves_nothing_behind(rate, cache, monkeypatch):
    def fail(self, content):
        with self.open("wb") as stream:
            stream.write(content[: len(content) // 2])
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    store.mass_table(rate, NODES_KEV)
    assert list(cache.iterdir()) == []


def test_a_cache_that_cannot_be_searched_costs_only_time(rate, cache, monkeypatch):
    real = Path.stat

    def refuse(self, **options):
        if self.parent == cache:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, **options)

    monkeypatch.setattr(Path, "stat", refuse)
    store.mass_table(rate, NODES_KEV)


@pytest.mark.parametrize("length", [0, 100, 3000])
def test_a_damaged_entry_makes_no_noise(rate, cache, capfd, length):
    store.mass_table(rate, NODES_KEV)
    (entry,) = cache.iterdir()
    entry.write_bytes(entry.read_bytes()[:length])
    store.mass_table(rate, NODES_KEV)
    gc.collect()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("length", [0, 100, 3000])
def test_a_damaged_table_of_an_experiment_makes_no_noise(tmp_path, capfd, length):
    """Half an object of h5netcdf complained on stderr when it was collected."""
    path = tmp_path / "table.nc"
    path.write_bytes(data_file("xenonnt_cevns/response.nc").read_bytes()[:length])
    with pytest.raises((OSError, ValueError, KeyError, RuntimeError)):
        read_netcdf(path)
    gc.collect()
    assert capfd.readouterr() == ("", "")
