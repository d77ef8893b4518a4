"""Kinds of likelihoods of observed counts, one class each."""

from bayes_cevns.cards.likelihoods.asymmetric import AsymmetricErrors
from bayes_cevns.cards.likelihoods.base import CountLikelihood
from bayes_cevns.cards.likelihoods.normal import CorrelatedErrors, NormalErrors
from bayes_cevns.cards.likelihoods.poisson import PoissonCounts, TemplateErrors

__all__ = [
    "AsymmetricErrors",
    "CorrelatedErrors",
    "CountLikelihood",
    "NormalErrors",
    "PoissonCounts",
    "TemplateErrors",
]
