"""Spectra: a source folded with a cross section on a target, channel by channel."""

from bayes_cevns.rates.base import RATE_UNIT, Rate
from bayes_cevns.rates.build import CHANNELS, SCATTERER, build_rate, rate
from bayes_cevns.rates.electron import ElectronRecoilRate
from bayes_cevns.rates.migdal import MigdalRate
from bayes_cevns.rates.nuclear import NuclearRecoilRate

__all__ = [
    "CHANNELS",
    "RATE_UNIT",
    "SCATTERER",
    "ElectronRecoilRate",
    "MigdalRate",
    "NuclearRecoilRate",
    "Rate",
    "build_rate",
    "rate",
]
