"""Kinds of priors of nuisances, one class each."""

from bayes_cevns.cards.densities.asymmetric import LogNormal, SplitNormal
from bayes_cevns.cards.densities.base import Density
from bayes_cevns.cards.densities.counted import Counted
from bayes_cevns.cards.densities.symmetric import Normal, Uniform, Width

__all__ = ["Counted", "Density", "LogNormal", "Normal", "SplitNormal", "Uniform", "Width"]
