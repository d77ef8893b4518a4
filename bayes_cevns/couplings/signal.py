"""The expected counts of one signal for some chosen couplings: a table and quadratic forms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.cards.signal_table import SignalTable
from bayes_cevns.couplings.channels import monomials_of
from bayes_cevns.couplings.model import Way
from bayes_cevns.couplings.spectra import SignalSpectra


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CouplingSignal(SignalTable):
    """Expected counts of a signal for chosen couplings, the others as in the Standard Model.

    Attributes
    ----------
    spectra
        The recoil spectra for all couplings.
    chosen
        Indices of the free couplings, in the order in which they were named.
    """

    spectra: SignalSpectra
    chosen: tuple[int, ...]

    @property
    def rows(self) -> NDArray[np.intp]:
        """Indices of the monomials of the chosen couplings among those of all."""
        return monomials_of(len(self.spectra.model.couplings), self.chosen)

    @property
    def by_power(self) -> bool:
        """Whether the components are the powers of the couplings, as where these are fewer."""
        return not self.spectra.arriving and self.rows.size < self.spectra.count

    @property
    def count(self) -> int:
        """Number of components."""
        return self.rows.size if self.by_power else self.spectra.count

    @cached_property
    def form(self) -> Array:
        """Factors of the components, by powers of the couplings, shape (powers, components).

        Without the solar components in `arriving`.
        """
        return np.eye(self.count) if self.by_power else self.spectra.form[self.rows]

    @property
    def arriving(self) -> tuple[tuple[Way, Array, Array], ...]:
        """Solar components whose state depends on couplings, their products and their mixing.

        Shapes (powers, pairs x 9) and (nodes, pairs, components); see `Arriving`.
        """
        return tuple(
            (piece.way, piece.products[self.rows].reshape(self.rows.size, -1), piece.mixing)
            for piece in self.spectra.arriving
        )

    def weights(self, mass_mev: float | None = None) -> Array:
        """Return recoil weights, shape (*theory_axes, components, recoil_energy), in 1/(t yr)."""
        del mass_mev
        found = self.spectra.compressed[1]
        if self.by_power:
            found = np.tensordot(self.spectra.form[self.rows], found, axes=1)
        return self._placed(found)

    @property
    def spectra_totals(self) -> Array:
        """Counts of all components of the spectra, shape (components of these, *all_axes)."""
        return self.totals_of(self._placed(self.spectra.compressed[1]))

    def _placed(self, weights: Array) -> Array:
        return self._on_theory_axes(list(np.moveaxis(weights, 1, 0)))
