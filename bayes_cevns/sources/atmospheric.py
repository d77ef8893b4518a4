"""Atmospheric neutrinos of 13 MeV to 1 GeV, per flavour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bayes_cevns.errors import UnknownNameError
from bayes_cevns.sources.source import Source
from bayes_cevns.sources.spectrum import Spectrum
from bayes_cevns.sources.table import columns

_SITES: Final = {
    "gran-sasso": "atmospheric/fluka_gran_sasso.csv",
    "kamioka": "atmospheric/fluka_kamioka.csv",
}
_CITE: Final = ("Battistoni:2005pd",)

#: Convention -> flavour at the detector -> produced flavours and their probabilities.
_OSCILLATIONS: Final[Mapping[str, Mapping[str, tuple[str, float]]]] = {
    "none": {each: (each, 1.0) for each in ("nu_e", "nu_mu", "anti_nu_e", "anti_nu_mu")},
    "paper-001": {
        "nu_e": ("nu_e", 1.0),
        "nu_mu": ("nu_mu", 2 / 3),
        "nu_tau": ("nu_mu", 1 / 3),
        "anti_nu_e": ("anti_nu_e", 1.0),
        "anti_nu_mu": ("anti_nu_mu", 2 / 3),
        "anti_nu_tau": ("anti_nu_mu", 1 / 3),
    },
}


def atmospheric(*, site: str = "gran-sasso", oscillation: str = "none") -> Source:
    """Return atmospheric neutrinos, integrated over the sky.

    Nothing is tabulated below 13 MeV and above 1 GeV, and the source has none there. Published
    uncertainty: about 25%.

    Parameters
    ----------
    site
        ``"gran-sasso"`` (default) or ``"kamioka"``, whose flux is 30% smaller because of
        the magnetic field of the Earth and whose table is coarser.
    oscillation
        ``"none"`` (default): flavours as produced. ``"paper-001"``: nu_mu arrive as two
        thirds nu_mu and one third nu_tau, nu_e unchanged, antineutrinos likewise, the
        convention of arXiv:2112.03309 for L_mu-L_tau. The sum over flavours is the same, so that
        flavour-blind rates do not depend on it.

    Raises
    ------
    UnknownNameError
        If the site or the convention is not known.

    References
    ----------
    Battistoni et al., Astropart. Phys. 23 (2005) 526, the FLUKA fluxes.

    Examples
    --------
    >>> round(atmospheric().total_per_cm2_s, 2)
    10.55
    """
    if site not in _SITES:
        raise UnknownNameError("site of atmospheric neutrinos", site, _SITES)
    if oscillation not in _OSCILLATIONS:
        raise UnknownNameError("oscillation of atmospheric neutrinos", oscillation, _OSCILLATIONS)
    name = "atmospheric" if site == "gran-sasso" else f"atmospheric_{site}"
    table = columns(_SITES[site])
    fluxes = {
        flavour: (Spectrum(name, table["energy_mev"], table[produced] * probability, _CITE),)
        for flavour, (produced, probability) in _OSCILLATIONS[oscillation].items()
    }
    return Source(name, fluxes)
