"""Neutrino sources: one file each, all giving a `Source`, fluxes at the detector by flavour."""

from bayes_cevns.sources.atmospheric import atmospheric
from bayes_cevns.sources.catalogue import SOURCES, source
from bayes_cevns.sources.line import Line
from bayes_cevns.sources.pion_decay import Beam, pion_decay_at_rest, timing
from bayes_cevns.sources.reactor import reactor, reactor_of_flux
from bayes_cevns.sources.solar import boron8, published_fluxes, solar, solar_flux
from bayes_cevns.sources.source import Flux, Source, combine
from bayes_cevns.sources.spectrum import Spectrum
from bayes_cevns.sources.supernovae import diffuse_supernova_background

__all__ = [
    "SOURCES",
    "Beam",
    "Flux",
    "Line",
    "Source",
    "Spectrum",
    "atmospheric",
    "boron8",
    "combine",
    "diffuse_supernova_background",
    "pion_decay_at_rest",
    "published_fluxes",
    "reactor",
    "reactor_of_flux",
    "solar",
    "solar_flux",
    "source",
    "timing",
]
