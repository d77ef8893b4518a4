"""Antineutrinos of nuclear reactors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.baseline import Baseline
from bayes_cevns.physics.checks import positive
from bayes_cevns.sources.source import Source
from bayes_cevns.sources.spectrum import Spectrum
from bayes_cevns.sources.table import columns

ISOTOPES: Final = ("u235", "u238", "pu239", "pu241")

#: Share of each isotope in the fissions: the mean of the Daya Bay reactors,
#: Adey et al., Phys. Rev. Lett. 123 (2019) 111801, arXiv:1904.07812.
FISSION_FRACTIONS: Final[Mapping[str, float]] = MappingProxyType(
    {"u235": 0.564, "u238": 0.076, "pu239": 0.304, "pu241": 0.056}
)

#: Thermal energy per fission, Ma et al., Phys. Rev. C 88 (2013) 014605, arXiv:1212.6625.
ENERGY_PER_FISSION_MEV: Final[Mapping[str, float]] = MappingProxyType(
    {"u235": 202.36, "u238": 205.99, "pu239": 211.12, "pu241": 214.26}
)

#: Neutrons captured on 238U per fission, two antineutrinos below 1.3 MeV each: Wong et al.
#: (TEXONO), Phys. Rev. D 75 (2007) 012001, arXiv:hep-ex/0605006.
CAPTURES_PER_FISSION: Final = 0.6

#: Published total fluxes in 1/(cm^2 s) and their citation keys.
PUBLISHED_FLUXES: Final[Mapping[str, tuple[float, str]]] = MappingProxyType(
    {
        "dresden-ii": (4.8e13, "Colaresi:2022obx"),
        "conus-plus": (1.45e13, "CONUS:2024locations"),
    }
)

#: Share of each isotope in the fissions of these reactors, both boiling-water: Dresden-II as in
#: the public analysis of its data, arXiv:2202.10829; Leibstadt, arXiv:2407.11912.
PUBLISHED_FUELS: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "dresden-ii": MappingProxyType({"u235": 0.58, "u238": 0.08, "pu239": 0.29, "pu241": 0.05}),
        "conus-plus": MappingProxyType({"u235": 0.53, "u238": 0.08, "pu239": 0.32, "pu241": 0.07}),
    }
)

#: Distance of these detectors from the core, in the papers of their fluxes.
PUBLISHED_BASELINES_M: Final[Mapping[str, float]] = MappingProxyType(
    {"dresden-ii": 10.39, "conus-plus": 20.7}
)

#: Standard deviation of the distance of a neutrino's birth in the core, some 3 to 4 m wide: a
#: quarter of the diameter, an estimate. It matters where Delta m^2_41 is above some eV^2.
CORE_SPREAD_M: Final = 0.9

_CITE: Final = (
    "Huber:2011wv",
    "Mueller:2011nm",
    "Perisse:2023efm",
    "TEXONO:2006xds",
    "DayaBay:2019yxq",
)
_JOULE_PER_MEV: Final = 1.602176634e-13


def antineutrinos_per_fission(
    fission_fractions: Mapping[str, float] = FISSION_FRACTIONS,
    *,
    captures_per_fission: float = CAPTURES_PER_FISSION,
) -> tuple[Array, Array]:
    """Return the mean antineutrino spectrum of a fission.

    From 2 to 8 MeV the converted spectra of Huber (235U, 239Pu, 241Pu) and Mueller (238U),
    elsewhere the summation calculation BESTIOLE; see ``data/reactor/REFERENCE``.

    Parameters
    ----------
    fission_fractions
        Isotope -> share of the fissions; absent isotopes have none. They sum to one.
    captures_per_fission
        Neutrons captured on 238U per fission.

    Returns
    -------
    energy_mev
        Energies from 0 to 12.5 MeV, shape (n,).
    density_per_mev
        Antineutrinos per MeV and fission, shape (n,).

    Raises
    ------
    UnknownNameError
        If an isotope is not one of `ISOTOPES`.
    ArgumentError
        If the fractions are negative or do not sum to one, or the captures are negative.
    """
    _check_fractions(fission_fractions)
    if not (np.isfinite(captures_per_fission) and captures_per_fission >= 0):
        raise ArgumentError(
            f"captures per fission must be finite and >= 0, got {captures_per_fission}"
        )
    table = columns("reactor/spectra.csv")
    density = captures_per_fission * table["u238_capture"]
    for isotope, fraction in fission_fractions.items():
        density = density + fraction * table[isotope]
    return table["energy_mev"], density


def fissions_per_s(
    thermal_power_gw: float, fission_fractions: Mapping[str, float] = FISSION_FRACTIONS
) -> float:
    """Return the fissions per second at a thermal power.

    Raises
    ------
    UnknownNameError
        If an isotope is not one of `ISOTOPES`.
    ArgumentError
        If the power is not positive and finite, or the fractions do not sum to one.
    """
    positive(thermal_power_gw, what="a thermal power", unit="GW")
    _check_fractions(fission_fractions)
    energy_mev = sum(
        fraction * ENERGY_PER_FISSION_MEV[isotope]
        for isotope, fraction in fission_fractions.items()
    )
    return 1e9 * thermal_power_gw / (energy_mev * _JOULE_PER_MEV)


def reactor(
    *,
    thermal_power_gw: float,
    baseline_m: float,
    fission_fractions: Mapping[str, float] = FISSION_FRACTIONS,
    captures_per_fission: float = CAPTURES_PER_FISSION,
) -> Source:
    """Return the anti nu_e of a reactor of known power.

    Parameters
    ----------
    thermal_power_gw
        Thermal power.
    baseline_m
        Distance from the core. The flux is that of a point, without oscillation.
    fission_fractions, captures_per_fission
        As for `antineutrinos_per_fission`.

    Raises
    ------
    UnknownNameError, ArgumentError
        As `antineutrinos_per_fission` and `fissions_per_s`; also for a baseline that is not
        positive and finite.

    Examples
    --------
    >>> f"{reactor(thermal_power_gw=2.96, baseline_m=10.39).total_per_cm2_s:.1e}"
    '4.8e+13'
    """
    positive(baseline_m, what="a baseline", unit="m")
    rate = fissions_per_s(thermal_power_gw, fission_fractions)
    energy, density = antineutrinos_per_fission(
        fission_fractions, captures_per_fission=captures_per_fission
    )
    flux = density * rate / (4 * np.pi * (100 * baseline_m) ** 2)
    spectrum = Spectrum("reactor", energy, flux, (*_CITE, "Ma:2012bm"))
    baseline = Baseline(baseline_m, CORE_SPREAD_M)
    return Source("reactor", {"anti_nu_e": (spectrum,)}, baseline=baseline)


def reactor_of_flux(
    total: float | str = "dresden-ii",
    *,
    fission_fractions: Mapping[str, float] = FISSION_FRACTIONS,
    captures_per_fission: float = CAPTURES_PER_FISSION,
) -> Source:
    """Return the anti nu_e of a reactor of known total flux.

    Parameters
    ----------
    total
        Total flux at all energies in 1/(cm^2 s), or a name in `PUBLISHED_FLUXES`. The
        published ones count the antineutrinos after neutron capture, about one in six.
    fission_fractions, captures_per_fission
        As for `antineutrinos_per_fission`.

    Raises
    ------
    UnknownNameError, ArgumentError
        As `antineutrinos_per_fission`; also for an unknown reactor, and a total that is
        negative or not finite.
    """
    cite: tuple[str, ...] = _CITE
    baseline = None
    if isinstance(total, str):
        if total not in PUBLISHED_FLUXES:
            raise UnknownNameError("reactor", total, PUBLISHED_FLUXES)
        baseline = Baseline(PUBLISHED_BASELINES_M[total], CORE_SPREAD_M)
        total, key = PUBLISHED_FLUXES[total]
        cite = (*_CITE, key)
    energy, density = antineutrinos_per_fission(
        fission_fractions, captures_per_fission=captures_per_fission
    )
    spectrum = Spectrum("reactor", energy, density, cite).scaled_to(total)
    return Source("reactor", {"anti_nu_e": (spectrum,)}, baseline=baseline)


def reactor_experiment(name: str) -> Source:
    """Return the anti nu_e of an experiment at a reactor: its total flux and its fuel.

    Parameters
    ----------
    name
        A name in `PUBLISHED_FLUXES`.

    Raises
    ------
    UnknownNameError
        If the experiment is not known.

    Examples
    --------
    >>> f"{reactor_experiment('conus-plus').total_per_cm2_s:.3g}"
    '1.45e+13'
    """
    if name not in PUBLISHED_FLUXES:
        raise UnknownNameError("reactor", name, PUBLISHED_FLUXES)
    found = reactor_of_flux(name, fission_fractions=PUBLISHED_FUELS[name])
    return replace(found, name=f"reactor_{name.replace('-', '_')}")


def reactor_angra() -> Source:
    """Return the anti nu_e of Angra 2 at CONNIE: a thermal power of 3.8 GW at 30 m.

    References
    ----------
    Power and distance: CONNIE, arXiv:1906.02200 (abstract); the fuel is the mean one.

    Examples
    --------
    >>> f"{reactor_angra().total_per_cm2_s:.2g}"
    '7.4e+12'
    """
    found = reactor(thermal_power_gw=3.8, baseline_m=30.0)
    return Source("reactor_angra", found.fluxes, (*found.cite, "CONNIE:2019swq"), found.baseline)


def _check_fractions(fission_fractions: Mapping[str, float]) -> None:
    for isotope in fission_fractions:
        if isotope not in ISOTOPES:
            raise UnknownNameError("fuel isotope", isotope, ISOTOPES)
    values = list(fission_fractions.values())
    if not all(np.isfinite(value) and value >= 0 for value in values):
        raise ArgumentError(f"fission fractions must be finite and >= 0, got {values}")
    if abs(sum(values) - 1) > 1e-6:
        raise ArgumentError(f"fission fractions must sum to 1, got {sum(values):.6g}")
