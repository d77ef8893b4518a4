"""Detector response: quenching, yields, resolution and efficiency as response matrices."""

from bayes_cevns.detectors.efficiency import LogisticEfficiency, TabulatedEfficiency
from bayes_cevns.detectors.quenching import (
    ConstantQuenching,
    Lindhard,
    PolynomialQuenching,
    Quenching,
    TabulatedQuenching,
)
from bayes_cevns.detectors.resolution import GammaResolution, GaussianResolution, Resolution
from bayes_cevns.detectors.response import DetectorResponse, ResponseTable, response_table
from bayes_cevns.detectors.yields import (
    NestNuclearYields,
    TabulatedYield,
    nest_nuclear_yields,
    pandax4t_yield,
)

__all__ = [
    "ConstantQuenching",
    "DetectorResponse",
    "GammaResolution",
    "GaussianResolution",
    "Lindhard",
    "LogisticEfficiency",
    "NestNuclearYields",
    "PolynomialQuenching",
    "Quenching",
    "Resolution",
    "ResponseTable",
    "TabulatedEfficiency",
    "TabulatedQuenching",
    "TabulatedYield",
    "nest_nuclear_yields",
    "pandax4t_yield",
    "response_table",
]
