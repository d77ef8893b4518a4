"""Neutrinos of pions and muons that decay at rest, as at a stopped-pion source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.baseline import Baseline
from bayes_cevns.physics.checks import numbers, positive
from bayes_cevns.physics.constants import SECONDS_PER_YEAR
from bayes_cevns.sources.line import Line
from bayes_cevns.sources.source import Source
from bayes_cevns.sources.spectrum import Spectrum
from bayes_cevns.sources.table import columns

#: Charged masses of the Particle Data Group 2022, Prog. Theor. Exp. Phys. 2022, 083C01.
PION_MASS_MEV: Final = 139.57039
MUON_MASS_MEV: Final = 105.6583755
#: Energy of the neutrino of pi+ -> mu+ nu_mu at rest, by two-body kinematics: 29.79 MeV.
PROMPT_ENERGY_MEV: Final = (PION_MASS_MEV**2 - MUON_MASS_MEV**2) / (2 * PION_MASS_MEV)
#: End point of the neutrinos of muon decay at rest, without the electron's mass: 52.83 MeV.
END_POINT_MEV: Final = MUON_MASS_MEV / 2

#: Standard deviation of the distance, by the sizes of target and detector: some tenths of a metre,
#: an estimate. It matters where Delta m^2_41 is above some 10 eV^2.
SPREAD_M: Final = 0.3

FLAVOURS: Final = ("nu_mu", "nu_e", "anti_nu_mu")

_JOULE_PER_GEV: Final = 1.602176634e-10
# Points that are dense at both ends, where the spectra vanish: moments are right to 3e-6.
_POINTS: Final = 4001


@dataclass(frozen=True)
class Beam:
    """Protons on a target in which pions stop, seen by a detector.

    Attributes
    ----------
    name
        Name of the source at this detector.
    protons_per_s
        Protons on target per second.
    neutrinos_per_proton
        Neutrinos of each of the three flavours per proton.
    baseline_m
        Distance from target to detector.
    relative_uncertainty
        Published relative standard deviation of the flux.
    cite
        Citation keys.
    """

    name: str
    protons_per_s: float
    neutrinos_per_proton: float
    baseline_m: float
    relative_uncertainty: float = 0.0
    cite: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in ("protons_per_s", "neutrinos_per_proton", "baseline_m"):
            value = getattr(self, field)
            if not (np.isfinite(numbers(value, what=field)) and value > 0):
                raise ArgumentError(
                    f"beam {self.name!r}: {field} must be finite and > 0, got {value}"
                )
        if not (np.isfinite(self.relative_uncertainty) and self.relative_uncertainty >= 0):
            raise ArgumentError(
                f"beam {self.name!r}: relative_uncertainty must be finite and >= 0, "
                f"got {self.relative_uncertainty}"
            )

    @property
    def flux_per_cm2_s(self) -> float:
        """Flux of each flavour at the detector, isotropic from a point."""
        sphere_cm2 = 4 * np.pi * (100 * self.baseline_m) ** 2
        return float(self.protons_per_s * self.neutrinos_per_proton / sphere_cm2)


def protons_per_s(*, power_mw: float, proton_energy_gev: float) -> float:
    """Return the protons per second of a beam.

    Raises
    ------
    ArgumentError
        If power or energy is not positive and finite.
    """
    positive(power_mw, what="a beam power", unit="MW")
    positive(proton_energy_gev, what="a proton energy", unit="GeV")
    return 1e6 * power_mw / (proton_energy_gev * _JOULE_PER_GEV)


#: Beams by name. ``sns`` is the Spallation Neutron Source at 1.4 MW, 20 m away. The others
#: spread the protons on target of a whole run over one year of 365.25 days, so that the
#: exposure of the run is the detector's mass times one year.
BEAMS: Final = MappingProxyType(
    {
        "sns": Beam(
            "sns",
            protons_per_s(power_mw=1.4, proton_energy_gev=1.0),
            0.0848,
            20.0,
            0.10,
            ("COHERENT:2021xmm",),
        ),
        # 1.76e23 protons: arXiv:1708.01294; 0.08 +- 0.008 neutrinos: arXiv:1804.09459.
        "coherent-csi-2017": Beam(
            "coherent-csi-2017",
            1.76e23 / SECONDS_PER_YEAR,
            0.08,
            19.3,
            0.10,
            ("COHERENT:2017ipa", "COHERENT:2018imc"),
        ),
        "coherent-csi-2021": Beam(
            "coherent-csi-2021",
            3.198e23 / SECONDS_PER_YEAR,
            0.0848,
            19.3,
            0.10,
            ("COHERENT:2021xmm",),
        ),
        "coherent-lar-2020": Beam(
            "coherent-lar-2020",
            13.8e22 / SECONDS_PER_YEAR,
            0.09,
            27.5,
            0.10,
            ("COHERENT:2020iec",),
        ),
        # gemini_campaign2_crosscheck.json of arXiv:2406.13806, for 1 GW h instead of a whole run:
        # 1 GW during an hour each year is 1000/8766 MW on average. The distance is the paper's,
        # 19.2 +- 0.1 m; the file has 19.1 m.
        "coherent-ge-2024": Beam(
            "coherent-ge-2024",
            protons_per_s(power_mw=3.6e6 / SECONDS_PER_YEAR, proton_energy_gev=1.05),
            0.09627,
            19.2,
            0.10,
            ("COHERENT:2024axu",),
        ),
        # Text of arXiv:2406.13806: 2.09e23 protons times kg on (10.66 +- 0.09) kg, and
        # 0.288 +- 0.029 neutrinos of all three flavours per proton.
        "coherent-ge-2024-protons": Beam(
            "coherent-ge-2024-protons",
            2.09e23 / 10.66 / SECONDS_PER_YEAR,
            0.288 / 3,
            19.2,
            0.10,
            ("COHERENT:2024axu",),
        ),
    }
)


def pion_decay_at_rest(beam: str | Beam = "sns") -> Source:
    """Return the neutrinos of a stopped-pion source: prompt nu_mu, delayed nu_e, anti nu_mu.

    With x = 2 E / m_mu from 0 to 1, and normalised to one,

        nu_mu       line at (m_pi^2 - m_mu^2) / (2 m_pi)
        nu_e        12 x^2 (1 - x)
        anti nu_mu   2 x^2 (3 - 2 x)

    times 2 / m_mu, from the matrix element of muon decay without the electron's mass (its
    corrections are of order m_e^2/m_mu^2 = 2e-5). Decays in flight and negative pions, some
    0.1% to 1% of the flux, are left out. Tabulated so that all moments are right to 1e-5.

    Parameters
    ----------
    beam
        A name in `BEAMS`, or a `Beam`.

    Raises
    ------
    UnknownNameError
        If there is no beam of that name.

    References
    ----------
    Spectra: Scholberg, Phys. Rev. D 73 (2006) 033005, and the references of the beam.

    Examples
    --------
    >>> pion_decay_at_rest("coherent-csi-2021").flavours
    ('nu_e', 'nu_mu', 'anti_nu_mu')
    """
    if isinstance(beam, str):
        if beam not in BEAMS:
            raise UnknownNameError("beam", beam, BEAMS)
        beam = BEAMS[beam]
    flux, cite = beam.flux_per_cm2_s, ("Scholberg:2005qs", *beam.cite)
    fraction = np.sin(np.linspace(0, np.pi / 2, _POINTS)) ** 2
    energy = END_POINT_MEV * fraction
    shapes = {
        "nu_e": 12 * fraction**2 * (1 - fraction),
        "anti_nu_mu": 2 * fraction**2 * (3 - 2 * fraction),
    }
    delayed = {
        flavour: (Spectrum(f"delayed_{flavour}", energy, shape, cite).scaled_to(flux),)
        for flavour, shape in shapes.items()
    }
    prompt = (Line("prompt_nu_mu", PROMPT_ENERGY_MEV, flux, cite),)
    baseline = Baseline(beam.baseline_m, SPREAD_M)
    return Source("pion_decay_at_rest", {"nu_mu": prompt, **delayed}, baseline=baseline)


@cache
def timing(flavour: str) -> tuple[Array, Array]:
    """Return when neutrinos arrive after the start of a pulse of the Spallation Neutron Source.

    Parameters
    ----------
    flavour
        ``"nu_mu"`` (prompt), ``"nu_e"`` or ``"anti_nu_mu"`` (delayed).

    Returns
    -------
    edges_ns
        Edges of bins of 10 ns from 0 to 15 us, shape (1501,).
    density_per_ns
        Probability density in each bin, of integral one, shape (1500,). The 0.1% of delayed
        neutrinos that arrive later are left out.

    Raises
    ------
    UnknownNameError
        If the flavour is not one of the three.

    References
    ----------
    COHERENT, Phys. Rev. Lett. 129 (2022) 081801; see ``data/pion_decay/REFERENCE``.
    """
    if flavour not in FLAVOURS:
        raise UnknownNameError("flavour of a stopped-pion source", flavour, FLAVOURS)
    table = columns("pion_decay/timing.csv")
    edges = np.append(table["low_ns"], table["high_ns"][-1])
    density = table[flavour] / np.diff(edges)
    density = density / np.sum(density * np.diff(edges))
    edges.flags.writeable = density.flags.writeable = False
    return edges, density
