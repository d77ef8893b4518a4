"""The coupling that is quoted of an interaction: its symbol, its definition and its unit.

Every interaction enters a rate through one amplitude x, and is quoted as |x|^power: g of the
product g_nu g_f, or a moment as it is. What x stands for differs from model to model by factors
of order one, so that each has a symbol of its own. Axis labels, the texts of priors, columns of
tables and printed limits take their words from here.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Units whose mathtext is not their plain text set upright.
_UNIT_LATEX = {"mu_B": r"\mu_\mathrm{B}", "1e-32 cm^2": r"10^{-32}\,\mathrm{cm}^2"}


@dataclass(frozen=True, kw_only=True)
class Coupling:
    """What is quoted of an interaction: |x|^power.

    Attributes
    ----------
    symbol
        Plain text for the command line and for tables, such as ``"g_BL"`` or ``"mu_nu"``.
    latex
        The same as mathtext, without dollars.
    definition
        What it is, in plain text: charges and conventions.
    amplitude, amplitude_latex
        The amplitude x, as plain text (``"g_nu g_f"``, ``"g_BL^2"``) and as mathtext without
        dollars.
    unit
        Unit of the quoted coupling; ``"1"`` without one.
    power
        Power of |x| that is quoted: 1/2 for g of a mediator, 1 for a moment.
    """

    symbol: str
    latex: str
    definition: str
    amplitude: str
    amplitude_latex: str
    unit: str = "1"
    power: float = 0.5

    @property
    def label(self) -> str:
        """Label of an axis, in mathtext: the symbol and its unit."""
        return axis_label(self.latex, self.unit)

    @property
    def signed_symbol(self) -> str:
        """The quoted coupling with the sign of x, in plain text."""
        return self.amplitude if self.power == 1.0 else f"sign({self.amplitude}) {self.symbol}"

    @property
    def named(self) -> str:
        """The symbol with its unit in plain text: "mu_nu in mu_B"."""
        return self.symbol if self.unit == "1" else f"{self.symbol} in {self.unit}"

    @property
    def unit_text(self) -> str:
        """The unit behind a number in plain text, with its space; empty without a unit."""
        return "" if self.unit == "1" else f" {self.unit}"


def axis_label(latex: str, unit: str) -> str:
    """Return the label of an axis, in mathtext: a symbol and its unit; ``"1"`` is none."""
    if unit == "1":
        return f"${latex}$"
    return f"${latex}$ [${unit_latex(unit)}$]"


def unit_latex(unit: str) -> str:
    """Return a unit as mathtext, without dollars."""
    return _UNIT_LATEX.get(unit, rf"\mathrm{{{unit}}}")


def product_coupling(fermion: str, definition: str) -> Coupling:
    """Return the coupling sqrt(|g_nu g_f|) of a mediator with two couplings of its own.

    Parameters
    ----------
    fermion
        Index of the other coupling: "f", "q", "e", "B".
    definition
        What the two are.
    """
    product, latex = f"g_nu g_{fermion}", rf"g_\nu g_{fermion}"
    return Coupling(
        symbol=f"sqrt(|{product}|)",
        latex=rf"\sqrt{{|{latex}|}}",
        definition=definition,
        amplitude=product,
        amplitude_latex=latex,
    )


#: A mediator that couples with g_nu to all neutrinos and with g_f to all that they scatter on.
UNIVERSAL = product_coupling(
    "f", "g_nu of every neutrino times g_f, the same of u, d and electrons"
)

#: The same of a mediator that is used on nuclei alone.
QUARKS = product_coupling("q", "g_nu of every neutrino times g_q, the same of u and d")
