"""Searches for electronic recoils: counts, solar neutrinos, and a slow twin of their likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytest
import xarray as xr
from scipy import stats
from scipy.optimize import brentq, minimize

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.density.data import data_at
from bayes_cevns.model import assemble
from bayes_cevns.physics.many_body import many_body_ratio
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import rate
from bayes_cevns.specification.expected_counts import expected_counts
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import COORDINATE
from bayes_cevns.storage.resources import data_file

NAMES = ("lz_er", "pandax4t_er", "xenonnt_er")
FREE = {"lz_er": "ar37", "pandax4t_er": "tritium"}
#: Source -> standard deviation of its flux, B16-GS98.
FLUXES = {"solar_pp": 0.006, "solar_7be": 0.06, "solar_pep": 0.01, "solar_cno": 0.16}
#: Card -> width of the exposure. The background is free up to three times the published one.
WIDTHS = {"lz_er": 0.03, "pandax4t_er": 0.05, "xenonnt_er": 0.032}


@cache
def table_of(name: str) -> xr.Dataset:
    with xr.open_dataset(data_file(f"{name}/response.nc"), engine="h5netcdf") as opened:
        return opened.load()


def solar(counts: Mapping[str, float]) -> float:
    return sum(value for name, value in counts.items() if name.endswith(".sm"))


@pytest.mark.parametrize(
    ("name", "events"), [("lz_er", [471, 1787]), ("pandax4t_er", [1431]), ("xenonnt_er", [433])]
)
def test_observed_events(name: str, events: list[int]) -> None:
    """The releases of arXiv:2511.17350, 2408.07641 (digitised) and 2207.11330."""
    assert experiment(name).observed.sum("bin").values.tolist() == events


@pytest.mark.parametrize("name", NAMES)
def test_signal_is_what_was_taken_out_of_the_background(name: str) -> None:
    """Fails when solar fluxes or cross sections change: build the table again."""
    table, counts = table_of(name), expected_counts(experiment(name))
    for run, parts in counts.items():
        taken = float(table["solar"].sel(run=run).sum())
        assert solar(parts) == pytest.approx(taken, rel=1e-5)
        total = float(table["published_background"].sel(run=run).sum())
        others = sum(value for key, value in parts.items() if not key.endswith(".sm"))
        assert solar(parts) + others == pytest.approx(total, rel=1e-5)


def test_solar_neutrinos_without_a_detector() -> None:
    """About 86 per tonne year of pp and 7Be in 1-30 keV with the step function, 67 with atoms."""
    energy = np.linspace(1.0, 30.0, 5801)
    for atoms, expected in (("stepping", 86.0), ("rrpa", 67.0)):
        given: Any = {"target": "Xe", "theory": Theory(atoms=atoms)}
        spectra = [rate("electron", source=f"solar_{each}", **given) for each in ("pp", "7be")]
        total = sum(float(np.trapezoid(each.total(energy), energy)) for each in spectra)
        assert total == pytest.approx(expected, rel=0.01)


def test_solar_neutrinos_of_the_lz_wimp_search() -> None:
    """102 +- 6 in WS2024 (arXiv:2410.17036, from memory, not checked); 120 on the step function."""
    table = table_of("lz_er")
    energy = np.linspace(0.2, 20.0, 5001)
    efficiency = np.interp(energy, table["recoil_energy"], table["efficiency_wimp_region_ws2024"])
    exposure = float(table["exposure"].sel(run="ws2024"))
    for atoms, low, high in (("rrpa", 96.0, 108.0), ("stepping", 118.0, 122.0)):
        given: Any = {"target": "Xe", "theory": Theory(atoms=atoms)}
        spectra = [rate("electron", source=name, **given).total(energy) for name in FLUXES]
        events = exposure * np.trapezoid(np.sum(spectra, axis=0) * efficiency, energy)
        assert low < events < high


def test_xenonnt_background_over_efficiency() -> None:
    """arXiv:2207.11330: (15.8 +- 1.3) events/(t yr keV)."""
    table = table_of("xenonnt_er")
    efficiency = table["response"].sel(recoil_energy=15.2, method="nearest").sum("bin")
    rates = table["published_background"].isel(bin=slice(3, None)) / table["exposure"] / efficiency
    assert float(rates.mean()) == pytest.approx(15.8, abs=1.3)


@dataclass(frozen=True)
class Twin:
    """The likelihood of a card as its text says it, with sums over a fine grid of energies."""

    name: str

    @property
    def one(self) -> Experiment:
        return experiment(self.name)

    def signals(self) -> np.ndarray:
        """Counts of Standard Model and of a moment of 1e-11 mu_B, (source, 3, run, bin).

        The moment on the step function, and what many-body theory changes of it.
        """
        table = table_of(self.name)
        step = 0.004
        energy = np.arange(table["recoil_energy"].values[0] + step / 2, 45.0, step)
        response = table["response"].interp(recoil_energy=energy, method="cubic").fillna(0.0)
        detected = response.transpose("recoil_energy", "run", "bin") * table["exposure"] * step
        found = []
        for name in FLUXES:
            given: Any = {"source": name, "target": "Xe", "theory": Theory(atoms="stepping")}
            spectrum = rate("electron", interaction="magnetic-moment", **given)
            standard, _, moment = spectrum.components(energy, None)
            ratio = many_body_ratio(energy, "Xe")
            parts = [ratio * standard, 1e-22 * moment, 1e-22 * (ratio - 1.0) * moment]
            found.append(np.tensordot(np.stack(parts), detected.values, axes=1))
        return np.array(found)

    def means(self, signals: np.ndarray, x: float, nu: Mapping[str, np.ndarray]) -> np.ndarray:
        """Expected counts, (run, bin), for a moment x in 1e-11 mu_B."""
        table = table_of(self.name)
        flux = np.array([nu[name] for name in FLUXES])
        moment = signals[:, 1] + nu["atomic_response"] * signals[:, 2]
        total = nu["exposure"] * np.tensordot(flux, signals[:, 0] + x**2 * moment, axes=1)
        edges = table["edges_energy"].values
        lever = (edges[:-1] + edges[1:] - edges[0] - edges[-1]) / (edges[-1] - edges[0])
        slope = 1.0 + 0.05 * np.atleast_1d(nu["tilt"])[:, None] * lever
        background = table["background"].sel(tilt=0).values
        total = total + np.atleast_1d(nu["background"])[:, None] * slope * background
        if self.name in FREE:
            total = total + nu[FREE[self.name]] * table[FREE[self.name]].values
        return total

    def log_density(self, signals: np.ndarray, x: float, nu: Mapping[str, np.ndarray]) -> float:
        """Without the prior of the coupling."""
        mean = self.means(signals, x, nu)
        total = stats.poisson.logpmf(self.one.observed.values, mean).sum()
        total += sum(truncated(nu[name], width) for name, width in FLUXES.items())
        total += truncated(nu["exposure"], WIDTHS[self.name]) - nu["background"].size * np.log(3.0)
        total += stats.truncnorm.logpdf(nu["tilt"], -3.0, 3.0).sum()
        total += stats.truncnorm.logpdf(nu["atomic_response"], -2.4, 2.4, 1.0, 0.5)
        return float(total - np.log(5.0) * (self.name in FREE))

    def start(self) -> dict[str, np.ndarray]:
        """Nuisances at their nominal values."""
        runs = len(self.one.runs)
        shape = (runs,) if runs > 1 else ()
        nu = {name: np.ones(()) for name in (*FLUXES, "exposure", "atomic_response")}
        nu |= {"background": np.ones(shape), "tilt": np.zeros(shape)}
        return nu | ({FREE[self.name]: np.ones(())} if self.name in FREE else {})


def truncated(value: np.ndarray, width: float) -> float:
    return float(np.sum(stats.truncnorm.logpdf(value, -1.0 / width, np.inf, 1.0, width)))


@pytest.mark.parametrize("name", NAMES)
def test_log_density_equals_the_slow_twin(name: str) -> None:
    """The grid of the twin and the quadrature of the model differ by 1e-3 of the signal."""
    twin = Twin(name)
    signals = twin.signals()
    spec = ModelSpec.of([twin.one], interaction="magnetic-moment")
    tables = spec.tables()
    _, prior = data_at(spec, tables, None)
    assert prior is not None
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        model = assemble(spec, tables, None)
        function = model.compile_fn(model.logp(jacobian=False), inputs=model.value_vars)
    rng = np.random.default_rng(3)
    for x in (0.3, 2.0):
        nu = {
            key: value + rng.uniform(-0.1, 0.1, value.shape) for key, value in twin.start().items()
        }
        point = {model_name(name, key): value for key, value in nu.items()}
        point[COORDINATE] = np.asarray(prior.coordinate(1e-11 * x))
        found = float(function(forward(model, point))) + np.log(prior.upper - prior.lower)
        expected = twin.log_density(signals, x, nu)
        assert found == pytest.approx(expected, abs=0.02)


def model_name(experiment_name: str, key: str) -> str:
    if key == "atomic_response":
        return key
    return key.replace("solar_", "flux_") if key in FLUXES else f"{experiment_name}.{key}"


def forward(model: pm.Model, point: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Values of the model's variables in the coordinates in which it is sampled."""
    found = {}
    for rv in model.free_RVs:
        transform = model.rvs_to_transforms[rv]
        value = pytensor.tensor.as_tensor_variable(point[rv.name])
        moved = transform.forward(value, *rv.owner.inputs).eval() if transform else value.eval()
        found[model.rvs_to_values[rv].name] = moved
    return found


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        # arXiv:2207.11330: 6.4e-12 (XENONnT); arXiv:2207.05036: 1.1e-11 (LZ WS2022 alone).
        ("xenonnt_er", 5.5e-12, 9.5e-12),
        ("lz_er", 0.8e-11, 1.4e-11),
    ],
)
def test_limit_on_the_magnetic_moment_is_near_the_published_one(
    name: str, lowest: float, highest: float
) -> None:
    """Profile likelihood of the twin: wide bounds, for the convention and slope are choices."""
    twin = Twin(name)
    signals, start = twin.signals(), twin.start()
    sizes = [int(np.size(value)) for value in start.values()]
    first = np.concatenate([np.ravel(value) for value in start.values()])

    def unpack(flat: np.ndarray) -> dict[str, np.ndarray]:
        parts = np.split(flat, np.cumsum(sizes)[:-1])
        return {
            key: part.reshape(np.shape(start[key])) for key, part in zip(start, parts, strict=True)
        }

    observed = twin.one.observed.values
    widths = {**FLUXES, "exposure": WIDTHS[name], "atomic_response": 0.5}

    def objective(flat: np.ndarray, x: float) -> float:
        nu = unpack(flat)
        mean = np.maximum(twin.means(signals, x, nu), 1e-9)
        pulls = sum(np.sum(((nu[key] - 1.0) / width) ** 2) for key, width in widths.items())
        pulls += np.sum(np.asarray(nu["tilt"]) ** 2)
        return float(2.0 * np.sum(mean - observed * np.log(mean)) + pulls)

    def profiled(x: float) -> float:
        return float(minimize(objective, first, args=(x,), method="BFGS").fun)

    least = min(profiled(x) for x in (0.0, 0.3, 0.45, 0.6))
    limit = brentq(lambda x: profiled(x) - least - 2.706, 0.6, 3.0, xtol=1e-3)
    assert lowest < 1e-11 * limit < highest
