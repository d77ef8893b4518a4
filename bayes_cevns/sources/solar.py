"""Solar neutrinos: the 8B spectrum with its total flux."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache, partial

import numpy as np

from bayes_cevns.errors import UnknownNameError
from bayes_cevns.resources import data_file
from bayes_cevns.sources.source import Source
from bayes_cevns.sources.spectrum import Spectrum

#: Total 8B flux of the B16-GS98 solar model, Vinyoles et al., Astrophys. J. 835 (2017) 202.
BORON8_FLUX_PER_CM2_S = 5.46e6

_SHAPES = {
    "bahcall1996": ("solar/8b_bahcall1996.csv", "Bahcall:1996qv"),
    "winter2006": ("solar/8b_winter2006.csv", "Winter:2004kf"),
}


@cache
def boron8(
    *, shape: str = "bahcall1996", total_per_cm2_s: float = BORON8_FLUX_PER_CM2_S
) -> Spectrum:
    """Return the solar 8B neutrino spectrum, all flavours together.

    Parameters
    ----------
    shape
        ``"bahcall1996"`` (default) or ``"winter2006"``; Winter's is harder: 3.8% more CEvNS
        on xenon above 1 keV.
    total_per_cm2_s
        Total flux; the default is that of B16-GS98.

    Raises
    ------
    UnknownNameError
        If the shape is not known.

    References
    ----------
    Bahcall et al., Phys. Rev. C 54 (1996) 411; Winter et al., Phys. Rev. C 73 (2006) 025503.
    """
    if shape not in _SHAPES:
        raise UnknownNameError("8B spectrum", shape, _SHAPES)
    relative, citation = _SHAPES[shape]
    with data_file(relative).open() as stream:
        rows = (line for line in stream if line[:1].isdigit())
        energy, density = np.loadtxt(rows, delimiter=",", unpack=True)
    name = "solar_8b" if shape == "bahcall1996" else f"solar_8b_{shape}"
    spectrum = Spectrum(name, energy, density, (citation, "Vinyoles:2016djt"))
    return spectrum.scaled_to(total_per_cm2_s)


def published_fluxes() -> dict[str, dict[str, float]]:
    """Return the published total fluxes per solar model or measurement, as in ``data/solar``."""
    with data_file("solar/fluxes.toml").open("rb") as stream:
        table: dict[str, dict[str, float]] = tomllib.load(stream)
    return table


def _s(shape: str) -> Source:
    spec = boron8(shape=shape)
    return Source(spec.name, {"nu_e": (spec,)}, spec.cite)


SOURCES: dict[str, Callable[[], Source]] = {
    "solar_8b": partial(_s, "bahcall1996"),
    "solar_8b_winter2006": partial(_s, "winter2006"),
}


def source(name: str) -> Source:
    """Return a neutrino source by its name.

    Raises
    ------
    UnknownNameError
        If there is none of that name; the known ones are listed.
    """
    if name not in SOURCES:
        raise UnknownNameError("source", name, SOURCES)
    return SOURCES[name]()
