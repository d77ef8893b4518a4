"""Neutrino sources: one file each, all giving a `Spectrum`."""

from bayes_cevns.sources.solar import SOURCES, source
from bayes_cevns.sources.spectrum import Spectrum

__all__ = ["SOURCES", "Spectrum", "source"]
