"""Kinds of transforms, priors, likelihoods and couplings, as numbers that arrays can hold."""

from __future__ import annotations

from typing import Final

from bayes_cevns.cards.densities import Counted, Density, LogNormal, Normal, SplitNormal, Uniform
from bayes_cevns.cards.likelihoods import (
    AsymmetricErrors,
    CorrelatedErrors,
    CountLikelihood,
    NormalErrors,
    PoissonCounts,
    TemplateErrors,
)

# How the sampler's coordinate of a parameter is mapped to the parameter.
AS_IT_IS: Final = 0
ABOVE: Final = 1  # lower + e^u
BELOW: Final = 2  # upper - e^u
BETWEEN: Final = 3  # lower + (upper - lower) logistic(u)
POSITIVE: Final = 4  # ln(1 + e^u)
STRETCHED: Final = 5  # of the coordinate of a coupling, `bayes_cevns.couplings.stretched`

# Kinds of priors of parameters. A range has 1 / (upper - lower).
NOTHING: Final = 0
RANGE: Final = 1
NORMAL: Final = 2
SPLIT_NORMAL: Final = 3
LOG_NORMAL: Final = 4
COUNTED: Final = 5

DENSITIES: Final[dict[type[Density], int]] = {
    Uniform: RANGE,
    Normal: NORMAL,
    SplitNormal: SPLIT_NORMAL,
    LogNormal: LOG_NORMAL,
    Counted: COUNTED,
}

# Kinds of likelihoods of counts.
POISSON: Final = 0
TEMPLATE_ERRORS: Final = 1
NORMAL_ERRORS: Final = 2
CORRELATED_ERRORS: Final = 3
ASYMMETRIC_ERRORS: Final = 4

LIKELIHOODS: Final[dict[type[CountLikelihood], int]] = {
    PoissonCounts: POISSON,
    TemplateErrors: TEMPLATE_ERRORS,
    NormalErrors: NORMAL_ERRORS,
    CorrelatedErrors: CORRELATED_ERRORS,
    AsymmetricErrors: ASYMMETRIC_ERRORS,
}

# How couplings follow from the first parameters.
NO_COUPLING: Final = 0
AMPLITUDE: Final = 1  # x from its coordinate, `bayes_cevns.couplings.priors`
IN_PART: Final = 2  # several from the unit cube, `bayes_cevns.couplings.slab`
BY_VALUE: Final = 3  # several by themselves

MAP_KINDS: Final = {"flat": 0, "flat-rate": 1, "log": 2}

# Flavours of a propagation.
TWO: Final = 2
THREE: Final = 3
