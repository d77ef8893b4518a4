"""All sources by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Final

from bayes_cevns.errors import UnknownNameError
from bayes_cevns.sources.atmospheric import atmospheric
from bayes_cevns.sources.pion_decay import pion_decay_at_rest
from bayes_cevns.sources.reactor import reactor_of_flux
from bayes_cevns.sources.solar import COMPONENTS, solar
from bayes_cevns.sources.source import Source
from bayes_cevns.sources.supernovae import diffuse_supernova_background

#: Name -> function that returns the source with its defaults: solar neutrinos all as nu_e
#: with the fluxes of B16-GS98, atmospheric ones as produced, the Spallation Neutron Source
#: at 20 m, the total flux of Dresden-II.
SOURCES: Final[dict[str, Callable[[], Source]]] = {
    **{f"solar_{component}": partial(solar, component) for component in COMPONENTS},
    "solar_8b_winter2006": partial(solar, "8b", shape="winter2006"),
    "solar": solar,
    "atmospheric": atmospheric,
    "atmospheric_kamioka": partial(atmospheric, site="kamioka"),
    "dsnb": diffuse_supernova_background,
    "pion_decay_at_rest": pion_decay_at_rest,
    "reactor": reactor_of_flux,
}


@cache
def source(name: str) -> Source:
    """Return a neutrino source by its name, the same object to everybody.

    Raises
    ------
    UnknownNameError
        If there is none of that name; the known ones are listed.
    """
    if name not in SOURCES:
        raise UnknownNameError("source", name, SOURCES)
    return SOURCES[name]()
