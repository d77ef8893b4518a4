"""Solar neutrinos: spectra as produced, total fluxes of solar models, and their flavours."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.oscillation import (
    DEFAULT_LATITUDE_DEG,
    DEFAULT_MIXING,
    OscillationParameters,
    flavour_probabilities,
)
from bayes_cevns.sources.line import Line
from bayes_cevns.sources.source import Flux, Source
from bayes_cevns.sources.spectrum import Spectrum
from bayes_cevns.sources.table import columns
from bayes_cevns.storage.resources import data_file

#: Probability that a nu_e of a component and of these energies (MeV) arrives as nu_e.
type Survival = Callable[[str, Array], Array]
#: Probabilities that it arrives as nu_e, nu_mu, nu_tau, shape (3, n).
type Arrival = Callable[[str, Array], Array]

COMPONENTS: Final = ("pp", "pep", "7be", "8b", "hep", "13n", "15o", "17f")

#: Energies below this, in MeV, arrive as those at it: the vacuum limit has long been reached.
_LEAST_ENERGY_MEV = 1e-6

#: Total 8B flux of the B16-GS98 solar model, Vinyoles et al., Astrophys. J. 835 (2017) 202.
BORON8_FLUX_PER_CM2_S: Final = 5.46e6


#: Component -> its spectra, the default first: (name, file, citation key).
_SHAPES = {
    "pp": (("bahcall1997", "solar/pp.csv", "Bahcall:1997eg"),),
    "hep": (("bahcall1997", "solar/hep.csv", "Bahcall:1997eg"),),
    "13n": (("bahcall1988", "solar/13n.csv", "Bahcall:1987jc"),),
    "15o": (("bahcall1988", "solar/15o.csv", "Bahcall:1987jc"),),
    "17f": (("bahcall1988", "solar/17f.csv", "Bahcall:1987jc"),),
    "8b": (
        ("bahcall1996", "solar/8b_bahcall1996.csv", "Bahcall:1996qv"),
        ("winter2006", "solar/8b_winter2006.csv", "Winter:2004kf"),
        ("ortiz2000", "solar/8b_ortiz2000.csv", "Ortiz:2000nf"),
    ),
}
_LINE_CITE = {"7be": ("Bahcall:1994cf",), "pep": ()}
_MODEL_CITE = {"b16": "Vinyoles:2016djt", "b23": "Herrera:2023sf3", "sno": "SNO:2011hxd"}


def published_fluxes() -> dict[str, dict[str, dict[str, float]]]:
    """Return the published total fluxes as in ``data/solar/fluxes.toml``.

    Returns
    -------
    dict
        Model or measurement (such as ``"b16-gs98"``) -> component (such as ``"8b"``) ->
        ``"per_cm2_s"``, the total flux of all flavours at 1 AU, and
        ``"relative_uncertainty"``, its relative standard deviation.
    """
    with data_file("solar/fluxes.toml").open("rb") as stream:
        table: dict[str, dict[str, dict[str, float]]] = tomllib.load(stream)
    return table


@cache
def solar_flux(
    component: str, *, shape: str | None = None, model: str = "b16-gs98"
) -> tuple[Flux, ...]:
    """Return the neutrinos of one reaction in the Sun, as produced, at 1 AU.

    Parameters
    ----------
    component
        One of `COMPONENTS`.
    shape
        Name of the spectrum; only 8B has a choice: ``"bahcall1996"`` (default),
        ``"winter2006"`` or ``"ortiz2000"`` (digitised, and cut 2 MeV below its end point).
    model
        Solar model that gives the total flux, a key of `published_fluxes`.

    Returns
    -------
    tuple
        One `Spectrum`; for 7be and pep instead their `Line`s. All neutrinos are produced as
        nu_e.

    Raises
    ------
    UnknownNameError
        If the component, shape or model is not known.
    ArgumentError
        If the model does not give this component.

    References
    ----------
    See ``data/solar/REFERENCE``.
    """
    total, cite = _total(component, model)
    if component in _LINE_CITE:
        if shape is not None:
            raise ArgumentError(
                f"solar {component} neutrinos are lines without a shape, got {shape!r}"
            )
        return tuple(
            Line(f"solar_{line}", energy, total * fraction, (*_LINE_CITE[component], cite))
            for line, energy, fraction in _lines(component)
        )
    return (_shape(component, shape, cite).scaled_to(total),)


@cache
def boron8(
    *, shape: str = "bahcall1996", total_per_cm2_s: float = BORON8_FLUX_PER_CM2_S
) -> Spectrum:
    """Return the solar 8B neutrino spectrum, all flavours together.

    Parameters
    ----------
    shape
        ``"bahcall1996"`` (default), ``"winter2006"`` or ``"ortiz2000"``; Winter's is harder:
        3.8% more CEvNS on xenon above 1 keV. The one of Ortiz is digitised and ends early.
    total_per_cm2_s
        Total flux; the default is that of B16-GS98.

    Raises
    ------
    UnknownNameError
        If the shape is not known.
    ArgumentError
        If the total is negative or not finite.

    References
    ----------
    Bahcall et al., Phys. Rev. C 54 (1996) 411; Winter et al., Phys. Rev. C 73 (2006) 025503;
    Ortiz et al., Phys. Rev. Lett. 85 (2000) 2909.
    """
    return _shape("8b", shape, "Vinyoles:2016djt").scaled_to(total_per_cm2_s)


def solar(
    *components: str,
    arrival: Arrival | None = None,
    shape: str | None = None,
    model: str = "b16-gs98",
) -> Source:
    """Return solar neutrinos at the detector.

    Parameters
    ----------
    components
        Some of `COMPONENTS`; all of them when none is given.
    arrival
        Probabilities that a nu_e of a component and of some energies (MeV, shape (n,)) arrives
        as nu_e, nu_mu and nu_tau, shape (3, n): `arrival_at` a latitude, or `two_flavours` of a
        survival probability. Without it all neutrinos are nu_e: rates that treat the flavours
        alike (CEvNS in the Standard Model) do not depend on it, but electron scattering and
        flavoured interactions do, and then need it.
    shape
        Spectrum of 8B, as for `solar_flux`.
    model
        Solar model that gives the total fluxes.

    Raises
    ------
    UnknownNameError
        If a component, the shape or the model is not known.
    ArgumentError
        If a component is repeated, a shape is given without 8b, or the probabilities are not
        three numbers between 0 and 1 for each energy, of sum 1.

    Examples
    --------
    >>> solar("8b", arrival=two_flavours(lambda component, energy: 0.3 + 0 * energy)).flavours
    ('nu_e', 'nu_mu', 'nu_tau')
    """
    chosen = components or COMPONENTS
    if len(set(chosen)) != len(chosen):
        raise ArgumentError(f"expected every solar component once, got {', '.join(chosen)}")
    if shape is not None and "8b" not in chosen:
        raise ArgumentError(
            f"only 8b has a choice of shapes, got {shape!r} for {', '.join(chosen)}"
        )
    name = "solar" if len(chosen) == len(COMPONENTS) else "solar_" + "_".join(chosen)
    if shape is not None and shape != _SHAPES["8b"][0][0]:
        name += f"_{shape}"
    fluxes: dict[str, list[Flux]] = {flavour: [] for flavour in FLAVOURS[:3]}
    for component in chosen:
        chosen_shape = shape if component == "8b" else None
        for flux in solar_flux(component, shape=chosen_shape, model=model):
            if arrival is None:
                fluxes["nu_e"].append(flux)
                continue
            shares = _checked(arrival, component, np.atleast_1d(flux.energy_mev))
            for flavour, share in zip(fluxes, shares, strict=True):
                fluxes[flavour].append(flux.weighted(share))
    mixing = () if arrival is None else ("Esteban:2024eli", "Capozzi:2025juno")
    latitude = None
    if isinstance(arrival, YearAt) and arrival.parameters == DEFAULT_MIXING:
        latitude = arrival.latitude_deg
    return Source(
        name,
        {key: tuple(parts) for key, parts in fluxes.items()},
        mixing,
        latitude_deg=latitude,
    )


@dataclass(frozen=True)
class YearAt:
    """Arrival probabilities at a latitude, averaged over the year; see `arrival_at`."""

    latitude_deg: float
    parameters: OscillationParameters

    def __call__(self, component: str, energy_mev: Array) -> Array:
        """Return the probabilities of a component, shape (3, n)."""
        energies = np.maximum(energy_mev, _LEAST_ENERGY_MEV)
        return flavour_probabilities(
            component, energies, latitude_deg=self.latitude_deg, parameters=self.parameters
        )


def arrival_at(
    latitude_deg: float = DEFAULT_LATITUDE_DEG, parameters: OscillationParameters = DEFAULT_MIXING
) -> YearAt:
    """Return the arrival probabilities at a latitude, averaged over the year, for `solar`.

    Those of `bayes_cevns.physics.oscillation.flavour_probabilities`: three flavours, the Sun and
    the Earth. The default latitude is that of Gran Sasso.

    Raises
    ------
    ArgumentError
        If the latitude is not between -90 and 90 degrees.
    """
    return YearAt(latitude_deg, parameters)


def two_flavours(survival: Survival, sin2_theta23: float = DEFAULT_MIXING.sin2_theta23) -> Arrival:
    """Return the arrival probabilities of a survival probability, for `solar`.

    P_ee, (1 - P_ee) cos^2(theta_23) and (1 - P_ee) sin^2(theta_23): exact for theta_13 = 0, and
    right to a tenth in nu_mu and nu_tau apart.

    Raises
    ------
    ArgumentError
        If the mixing is not between 0 and 1.
    """
    if not 0 <= sin2_theta23 <= 1:
        raise ArgumentError(f"sin^2(theta_23) must be between 0 and 1, got {sin2_theta23}")

    def arrival(component: str, energy_mev: Array) -> Array:
        electron = np.asarray(survival(component, energy_mev), dtype=float)
        rest = 1.0 - electron
        return np.stack([electron, rest * (1.0 - sin2_theta23), rest * sin2_theta23])

    return arrival


def _checked(arrival: Arrival, component: str, energy_mev: Array) -> Array:
    """Return arrival probabilities after checking that they are."""
    shares = np.asarray(arrival(component, energy_mev), dtype=float)
    if shares.shape != (3, energy_mev.size):
        raise ArgumentError(
            f"arrival probabilities of solar_{component}: expected three numbers per energy, shape "
            f"{(3, energy_mev.size)}, got shape {shares.shape}"
        )
    if not np.all((shares >= 0) & (shares <= 1)):  # also refuses NaN
        raise ArgumentError(
            f"arrival probabilities of solar_{component} neutrinos must be between 0 and 1, "
            f"got {shares.min():.6g} to {shares.max():.6g}"
        )
    if not np.allclose(shares.sum(axis=0), 1.0, rtol=0.0, atol=1e-9):
        raise ArgumentError(f"arrival probabilities of solar_{component} do not sum to 1")
    return shares


def _total(component: str, model: str) -> tuple[float, str]:
    """Return the total flux of a component in a model, and the citation key."""
    fluxes = published_fluxes()
    if component not in COMPONENTS:
        raise UnknownNameError("solar component", component, COMPONENTS)
    if model not in fluxes:
        raise UnknownNameError("solar model", model, fluxes)
    if component not in fluxes[model]:
        raise ArgumentError(
            f"{model} gives only {', '.join(fluxes[model])}, not {component}: use another model"
        )
    return fluxes[model][component]["per_cm2_s"], _MODEL_CITE[model.partition("-")[0]]


def _shape(component: str, shape: str | None, cite: str) -> Spectrum:
    """Return a spectrum of integral about one."""
    known = {name: (file, key) for name, file, key in _SHAPES[component]}
    default = _SHAPES[component][0][0]
    chosen = default if shape is None else shape
    if chosen not in known:
        raise UnknownNameError(f"{component} spectrum", shape, known)
    file, key = known[chosen]
    table = columns(file)
    name = f"solar_{component}" if chosen == default else f"solar_{component}_{chosen}"
    return Spectrum(name, table["energy_mev"], table["density_per_mev"], (key, cite))


def _lines(component: str) -> list[tuple[str, float, float]]:
    """Return name, energy and fraction of the lines of a component."""
    text = data_file("solar/lines.csv").read_text()
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return [
        (row["line"], float(row["energy_mev"]), float(row["fraction"]))
        for row in rows
        if row["component"] == component
    ]
