"""A prior of a nuisance as a word, such as ``1.0+0.1-0.05``, and back."""

from __future__ import annotations

import re

from bayes_cevns.cards.densities import Counted, LogNormal, Normal, SplitNormal, Uniform
from bayes_cevns.cards.priors import Prior
from bayes_cevns.errors import ArgumentError, shown

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_SIGNED = rf"[+-]?{_NUMBER}"
_BOUNDS = re.compile(rf"(?P<word>.*?)(?:\[(?P<low>{_SIGNED})?:(?P<high>{_SIGNED})?\])?")
_NORMAL = re.compile(rf"({_SIGNED})\+-({_NUMBER})")
_ASYMMETRIC = re.compile(rf"({_SIGNED})\+({_NUMBER})-({_NUMBER})")
_LISTED = {
    Uniform.key: (Uniform, (2,)),
    LogNormal.key: (LogNormal, (2,)),
    Counted.key: (Counted, (3,)),
}

#: What is understood, for messages.
FORMS = (
    "1.0+-0.05, 1.0+0.1-0.05, uniform:0:2, lognormal:1.0:0.1 or counted:N_OFF:TAU:EXPECTED, each "
    "but the uniform one with bounds if wanted, as in 1.0+-0.05[0:2]"
)


def looks_like_a_prior(text: str) -> bool:
    """Return whether a word can only be meant as a prior: names of cards have no such signs."""
    return any(sign in text for sign in ":+[")


def parsed(text: str) -> Prior:
    """Return the prior that a word says.

    Parameters
    ----------
    text
        ``mean+-sd``, ``mode+plus-minus``, ``uniform:low:high``, ``lognormal:median:sigma_of_log``
        or ``counted:n_off:tau:expected``; with ``[low:high]`` behind it, where it is cut.

    Raises
    ------
    ArgumentError
        If it is none of them, or its numbers are out of their domain.

    Examples
    --------
    >>> parsed("1.0+0.1-0.05[0:]").text
    '1.0+0.1-0.05[0.0:]'
    """
    found = _BOUNDS.fullmatch(text.replace(" ", ""))
    if found is None:
        raise _unknown(text)
    word = found["word"]
    lower, upper = (None if end is None else float(end) for end in (found["low"], found["high"]))
    if one := _NORMAL.fullmatch(word):
        return Prior(Normal(float(one[1]), float(one[2])), lower, upper)
    if one := _ASYMMETRIC.fullmatch(word):
        return Prior(SplitNormal(float(one[1]), float(one[3]), float(one[2])), lower, upper)
    kind, *words = word.split(":")
    if kind in _LISTED and all(re.fullmatch(_SIGNED, each) for each in words):
        make, counts = _LISTED[kind]
        if len(words) in counts:
            return Prior(make(*map(float, words)), lower, upper)
    raise _unknown(text)


def _unknown(text: str) -> ArgumentError:
    return ArgumentError(f"expected a prior such as {FORMS}, got {shown(text)}")
