r"""Plain text and LaTeX: how numbers, couplings and citations are written in either.

>>> Plain().number(7.7163e-06, 2e-07), Latex().number(7.7163e-06, 2e-07)
('7.7e-6', '$7.7 \\times 10^{-6}$')
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable

from bayes_cevns.physics.interactions.coupling import Coupling, unit_latex

#: Significant digits of a number without an error, and the least and the most of one with it.
_DIGITS, _LEAST, _MOST = 3, 2, 5
#: Numbers from here to there are written without a power of ten.
_SMALL, _LARGE = 1e-3, 1e4

_LATEX = {
    **{sign: rf"\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
}


def significant_digits(value: float, error: float | None = None) -> int:
    """Return how many digits of a number mean something: down to the first of its error.

    Parameters
    ----------
    value, error
        The number and its standard error; without one, or with NaN, there are three.
    """
    if error is None or not math.isfinite(error) or error <= 0.0 or value == 0.0:
        return _DIGITS
    orders = math.floor(math.log10(abs(value))) - math.floor(math.log10(error))
    return min(max(orders + 1, _LEAST), _MOST)


def parts(value: float, digits: int) -> tuple[str, int]:
    """Return a number as a mantissa and a power of ten, 0 for one that is written without it."""
    if value == 0.0 or not math.isfinite(value):
        return f"{value:g}", 0
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    if _SMALL <= abs(value) < _LARGE:
        return f"{value:.{max(digits - 1 - int(power), 0)}f}", 0
    return mantissa, int(power)


class Voice(ABC):
    """How things are written."""

    @abstractmethod
    def text(self, text: str) -> str:
        """Return plain text."""

    @abstractmethod
    def written(self, mantissa: str, power: int) -> str:
        """Return a mantissa times a power of ten; without it for the power 0."""

    def number(self, value: float, error: float | None = None) -> str:
        """Return a number with the digits that its error leaves."""
        return self.written(*parts(value, significant_digits(value, error)))

    def error(self, value: float) -> str:
        """Return an error, with one digit."""
        return self.written(*parts(value, 1))

    def given(self, value: float) -> str:
        """Return a number that was given, such as a mass, without zeros at its end."""
        mantissa, _, power = f"{value:g}".partition("e")
        return self.written(mantissa, int(power or 0))

    @abstractmethod
    def symbol(self, coupling: Coupling) -> str:
        """Return the symbol of a coupling."""

    @abstractmethod
    def formula(self, text: str) -> str:
        """Return a formula in plain text, as the catalogue has it."""

    @abstractmethod
    def title(self, title: str) -> str:
        """Return a title of the catalogue, in which formulas are mathtext."""

    @abstractmethod
    def unit(self, coupling: Coupling) -> str:
        """Return what stands behind a number of a coupling, with its space; nothing for 1."""

    @abstractmethod
    def cite(self, keys: Iterable[str]) -> str:
        """Return a citation of some keys, with the space before it; nothing without keys."""

    @abstractmethod
    def percent(self, share: float) -> str:
        """Return a share of one in percent."""

    @abstractmethod
    def less(self) -> str:
        """Return the sign between a coupling and its limit."""


class Plain(Voice):
    """Plain text."""

    def text(self, text: str) -> str:
        """Return the text as it is."""
        return text

    def written(self, mantissa: str, power: int) -> str:
        """Return a number such as ``7.7e-6``."""
        return mantissa if power == 0 else f"{mantissa}e{power}"

    def symbol(self, coupling: Coupling) -> str:
        """Return the symbol in plain text."""
        return coupling.symbol

    def title(self, title: str) -> str:
        r"""Return the title without mathtext: ``$B-3L_\mu$ vector`` is ``B-3L_mu vector``."""
        return re.sub(r"[\\${}]", "", title)

    def formula(self, text: str) -> str:
        """Return the formula as it is."""
        return text

    def unit(self, coupling: Coupling) -> str:
        """Return the unit in plain text."""
        return coupling.unit_text

    def cite(self, keys: Iterable[str]) -> str:
        """Return the keys in brackets."""
        listed = ", ".join(dict.fromkeys(keys))
        return f" [{listed}]" if listed else ""

    def percent(self, share: float) -> str:
        """Return a share such as ``90%``."""
        return f"{100 * share:.4g}%"

    def less(self) -> str:
        """Return the sign."""
        return "<"


class Latex(Voice):
    """LaTeX, without packages but those of citations."""

    def text(self, text: str) -> str:
        """Return text whose special characters are escaped."""
        return "".join(_LATEX.get(sign, sign) for sign in text)

    def written(self, mantissa: str, power: int) -> str:
        r"""Return a number such as ``$7.7 \times 10^{-6}$``."""
        times = "" if power == 0 else rf" \times 10^{{{power}}}"
        return f"${mantissa}{times}$"

    def symbol(self, coupling: Coupling) -> str:
        """Return the symbol in a formula."""
        return f"${coupling.latex}$"

    def title(self, title: str) -> str:
        """Return the title as it is: mathtext is LaTeX."""
        pieces = title.split("$")
        return "".join(f"${p}$" if i % 2 else self.text(p) for i, p in enumerate(pieces))

    def formula(self, text: str) -> str:
        r"""Return the formula as ``\texttt``."""
        return rf"\texttt{{{self.text(text)}}}"

    def unit(self, coupling: Coupling) -> str:
        """Return the unit in a formula."""
        return "" if coupling.unit == "1" else f"~${unit_latex(coupling.unit)}$"

    def cite(self, keys: Iterable[str]) -> str:
        r"""Return ``~\cite{one,two}``."""
        listed = ",".join(dict.fromkeys(keys))
        return rf"~\cite{{{listed}}}" if listed else ""

    def percent(self, share: float) -> str:
        r"""Return a share such as ``90\%``."""
        return rf"{100 * share:.4g}\%"

    def less(self) -> str:
        """Return the sign in a formula."""
        return "$<$"


def listed(words: Iterable[str]) -> str:
    """Return words as a list in a sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def macro_name(words: str) -> str:
    """Return letters that a LaTeX macro may have: digits in words, everything else left out.

    >>> macro_name("scalar-universal 10 MeV")
    'ScalarUniversalOneZeroMeV'
    """
    digits = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    found = re.findall(r"[A-Za-z]+|[0-9]|[.+]", words)
    names = {".": "Point", "+": "And", **{str(i): word for i, word in enumerate(digits)}}
    return "".join(names.get(word, word[0].upper() + word[1:]) for word in found)
