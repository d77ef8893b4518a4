"""A published limit, and its exact conversion to the coupling of another interaction."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.interactions import Interaction, interaction
from bayes_cevns.physics.interactions.vector import VectorMediator
from bayes_cevns.published.models import MODELS, PublishedModel

#: The process whose rate depends on the charges of neutrinos and electrons alone.
NEUTRINO_ELECTRON = "neutrino-electron scattering"

#: The sides of an amplitude for which a limit holds: of a squared coupling, or of one sign.
UPPER, POSITIVE, NEGATIVE = "upper", "positive", "negative"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PublishedLimit(Displayed):
    """What a search excludes, over the mass of a mediator.

    Attributes
    ----------
    name
        Model and search, such as ``"b-l.na64_2019"``.
    title
        The search in a few letters, for a figure.
    model
        Key of `MODELS`: what the coupling is.
    symbol, definition
        The coupling and its convention, in plain text; of the interaction after `quoted_for`.
    unit
        Of the coupling; ``"1"`` as it has none.
    mass_mev
        Masses in MeV, shape (n,), rising. NaN, as in all arrays, stands between parts of the curve
        where the search has no bound.
    lower, upper
        Ends of what is excluded at each mass, shape (n,); the upper one is infinite where the
        source has none.
    process
        `NEUTRINO_ELECTRON` where the rate depends on these charges alone; else empty.
    published_for
        The model of the publication. If it is not `model`, the limit was recast by DarkCast.
    statement
        What the source says of the confidence, such as ``"3 sigma"``; empty where it is in the
        paper alone. None of the limits is called credible by its source.
    key, arxiv, doi
        The paper to cite: key of INSPIRE, number and DOI, each empty where the source has none.
    licence
        Of the source of the numbers.
    interaction
        Name of the interaction whose coupling it is; empty where there is none.
    side
        The sign of the amplitude for which it holds: ``"upper"`` for a squared coupling, or
        ``"positive"`` or ``"negative"``.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> limit = bc.published_limit("b-l.borexino_2018")
    >>> limit.symbol, limit.unit
    ('g_BL', '1')
    """

    name: str
    title: str
    model: str
    symbol: str
    definition: str
    unit: str = "1"
    mass_mev: Array
    lower: Array
    upper: Array
    process: str
    published_for: str
    statement: str
    key: str
    arxiv: str
    doi: str
    licence: str
    interaction: str = ""
    side: str = UPPER

    @property
    def is_recast(self) -> bool:
        """Whether the limit was published for another model and recast by DarkCast."""
        return self.published_for != self.model

    @property
    def reference(self) -> str:
        """The paper in plain text, with DarkCast if it has recast the limit."""
        paper = f"arXiv:{self.arxiv}" if self.arxiv else f"doi:{self.doi}" if self.doi else self.key
        return f"{paper}, recast by arXiv:1801.04847" if self.is_recast else paper

    @property
    def summary(self) -> str:
        """Search, coupling, masses, confidence and paper in one line."""
        confidence = f", {self.statement}" if self.statement else ""
        return f"{self.title}: {self.symbol}, {self._masses}{confidence}; {self.reference}"

    @property
    def _masses(self) -> str:
        mass = self.mass_mev[np.isfinite(self.mass_mev)]
        return f"{mass.min():.3g} to {mass.max():.3g} MeV"

    def quoted_for(self, wanted: Interaction | str) -> PublishedLimit:
        """Return the limit on the quoted coupling of an interaction, if the conversion is exact.

        It is exact for the interaction with the same Lagrangian, and, for neutrino-electron
        scattering, for vectors without mixing whose products of the charges of electron and
        neutrino are those of the model times one number r for all flavours: the amplitude x is then
        divided by r.

        Parameters
        ----------
        wanted
            An interaction, or its name.

        Raises
        ------
        ArgumentError
            If it is not exact: with both conventions.

        Examples
        --------
        >>> limit = published_limit("b-l.borexino_2018").quoted_for("vector-universal")
        >>> limit.side, limit.symbol
        ('positive', 'sqrt(|g_nu g_f|)')
        """
        target = interaction(wanted)
        own = MODELS[self.model]
        if own.interaction and target == interaction(own.interaction):
            return self._of(target, 1.0, UPPER)
        ratio = self._ratio(own, target)
        if ratio is None:
            raise ArgumentError(
                f"{self.name} limits {own.symbol} ({own.definition}), {target.name} is quoted as "
                f"{target.coupling.symbol} ({target.coupling.definition}): there is no exact "
                "conversion; ask for published limits on the same coupling"
            )
        side = UPPER if target.sign_fixed else POSITIVE if ratio > 0 else NEGATIVE
        return self._of(target, abs(ratio) ** -target.coupling.power, side)

    def _ratio(self, own: PublishedModel, target: Interaction) -> float | None:
        """Return the ratio r of the products of charges, if it is one for all flavours."""
        if self.process != NEUTRINO_ELECTRON or not own.interaction:
            return None
        pair = interaction(own.interaction), target
        if not all(isinstance(each, VectorMediator) for each in pair):
            return None
        charges = [_charges(each) for each in pair if isinstance(each, VectorMediator)]
        if charges[0] is None or charges[1] is None:
            return None
        ratios = charges[1] / charges[0]
        if not np.all(ratios == ratios[0]) or ratios[0] == 0.0:
            return None
        # x = g^2 of a gauge boson is never negative.
        return None if target.sign_fixed and ratios[0] < 0 else float(ratios[0])

    def _of(self, target: Interaction, factor: float, side: str) -> PublishedLimit:
        return replace(
            self,
            symbol=target.coupling.symbol,
            definition=target.coupling.definition,
            unit=target.coupling.unit,
            lower=self.lower * factor,
            upper=self.upper * factor,
            interaction=target.name,
            side=side,
        )

    def _rows(self) -> dict[str, object]:
        return {
            "search": self.title,
            "coupling": f"{self.symbol}, {self.definition}",
            "masses": self._masses,
            "lowest": f"{np.nanmin(self.lower):.3g}",
            "confidence": self.statement or "see the paper",
            "reference": self.reference,
        }


def _charges(vector: VectorMediator) -> Array | None:
    """Return the charge of the electron times that of each neutrino; None with mixing."""
    if vector.mixing or vector.loop_mev or not vector.has_mass:
        return None
    return vector.electron * np.array(vector.flavours)
