"""Neutrino sources: one file each, all giving a `Source`: fluxes at the detector by flavour."""

from bayes_cevns.sources.solar import SOURCES, source
from bayes_cevns.sources.source import Source
from bayes_cevns.sources.spectrum import Spectrum

__all__ = ["SOURCES", "Source", "Spectrum", "source"]
