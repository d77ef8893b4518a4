"""Recoil spectra of a signal for some couplings: all parts of the source and pairs of charges.

Counts are a sum over parts of the source (`arrival`), pairs of charges (`channels`) and powers of
the couplings. There are many such recoil spectra, but at the recoil energies that are seen they
have few different shapes, and make fewer different counts: singular values fall fast. Only the
singular vectors that matter are folded with the response; they are the components.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.cards.experiment import RECOIL_ENERGY, Signal
from bayes_cevns.cards.signal_table import places
from bayes_cevns.couplings.arrival import (
    Nodes,
    Parts,
    fixed_flavours,
)
from bayes_cevns.couplings.channels import (
    ELECTRON,
    NUCLEUS,
    Charges,
    electron_moment,
    electron_pairs,
    exchanged,
    moment_products,
    monomial_factors,
    monomials,
    nuclear_moment,
    nuclear_pairs,
)
from bayes_cevns.couplings.model import CouplingModel, Way
from bayes_cevns.couplings.named import standard_couplings
from bayes_cevns.couplings.row_scales import scaled_rows, sizes_of_pairs
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.kinematics import minimum_neutrino_energy_mev
from bayes_cevns.physics.nuclei import Isotope, Target
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import SCATTERER
from bayes_cevns.rates.base import per_tonne_year_kev
from bayes_cevns.rates.electron import electrons_of
from bayes_cevns.rates.nuclear import form_factor_of
from bayes_cevns.sources.components import split_by_component
from bayes_cevns.tables.quadrature import RecoilQuadrature

#: Coefficients of E^-n for unit charges, shape (pairs, 3, R), at recoil energies on an isotope with
#: a form factor, or on electrons.
type Terms = Callable[[Array, Isotope | None, FormFactor | None], Array]

#: Recoil spectra whose counts differ by less than this, relative to the largest, are one component.
_COMPRESSION = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class Piece(Displayed):
    """Parts of a source with all pairs of charges of a kind.

    Attributes
    ----------
    component
        Solar component, or nothing.
    states
        Density matrices of the parts, shape (parts, 9); none if they depend on the couplings.
    products
        Products of the pairs of charges, by powers of the couplings, shape (monomials, pairs, 9).
    weights
        Recoil weights of parts and pairs, shape (parts, pairs, places, recoil_energy).
    """

    component: str
    states: Array | None
    products: Array
    weights: Array


@dataclass(frozen=True, eq=False, repr=False)
class Arriving(Displayed):
    """The part of a signal from a solar component whose state depends on the couplings.

    Attributes
    ----------
    way
        From which component to which latitude.
    products
        As of `Piece`.
    mixing
        Contribution of each node and pair to each component, shape (nodes, pairs, c).
    """

    way: Way
    products: Array
    mixing: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class SignalSpectra:
    """The recoil spectra of a signal as components, and their factors for given couplings.

    Attributes
    ----------
    signal, target, theory
        The signal, what the neutrinos scatter on, and what is assumed of nuclei, weak charges and
        atoms.
    model
        The couplings.
    nodes
        Solar component -> where its state is evaluated, the same for all signals of a fit.
    latitude_deg
        Of the detector, for neutrinos that come through the Earth.

    Raises
    ------
    ArgumentError
        If the channel is Migdal's.
    """

    signal: Signal
    target: Target
    theory: Theory
    model: CouplingModel
    nodes: Mapping[str, Nodes]
    latitude_deg: float

    @property
    def count(self) -> int:
        """Number of components."""
        return int(self.compressed[1].shape[0])

    @cached_property
    def form(self) -> Array:
        """Factors of the components by powers of the couplings, shape (monomials, components).

        Without the solar components in `arriving`.
        """
        found = np.zeros((len(self.pieces[0].products), self.count))
        for piece, mixing in zip(self.pieces, self.compressed[0], strict=True):
            if piece.states is not None:
                found += np.einsum("pk,mik,pic->mc", piece.states, piece.products, mixing)
        return found

    @cached_property
    def arriving(self) -> tuple[Arriving, ...]:
        """Solar components whose state depends on the couplings."""
        return tuple(
            Arriving(self._way(piece.component), piece.products, mixing)
            for piece, mixing in zip(self.pieces, self.compressed[0], strict=True)
            if piece.states is None
        )

    @cached_property
    def standard_form(self) -> Array:
        """`form` with all of the source, in the states of the Standard Model."""
        found = self.form.copy()
        for piece in self.arriving:
            energies = self.nodes[piece.way.component].energy_mev
            states = self.model.arrival(piece.way, energies, self.model.no_matter)
            found += np.einsum("nk,mik,nic->mc", states, piece.products, piece.mixing)
        return found

    def scales(self, couplings: ArrayLike) -> Array:
        """Return the factors of the components at some couplings, from (..., k) to (..., c).

        The readable NumPy twin of what the model computes.
        """
        values = np.asarray(couplings, dtype=float) - self.model.standard_values
        powers = monomials(values)
        found = powers @ self.form
        for piece in self.arriving:
            matter = np.tensordot(values, self.model.matter_slopes, axes=1)
            energies = self.nodes[piece.way.component].energy_mev
            states = self.model.arrival(piece.way, energies, matter)
            charges = np.tensordot(powers, piece.products, axes=1)
            found = found + np.einsum(
                "...nk,...ik,nic->...c", states, charges, piece.mixing, optimize=True
            )
        return np.asarray(found)

    def counts(self, couplings: ArrayLike) -> xr.DataArray:
        """Return expected counts at some couplings, shape (k,): dims (*all_axes, run, bin)."""
        weights = np.tensordot(self.scales(couplings), self.compressed[1], axes=1)
        axes = self.signal.theory_axes
        nodes = [len(axis.nodes) for axis in axes]
        values = xr.DataArray(
            weights.reshape(*nodes, -1), dims=(*(axis.name for axis in axes), RECOIL_ENERGY)
        )
        folded: xr.DataArray = xr.dot(values, self.signal.values.drop_vars(RECOIL_ENERGY))
        return folded.transpose(*(axis.name for axis in self.signal.all_axes), "run", "bin")

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The recoil weights, by parts of the source and kinds of charges."""
        quadrature = RecoilQuadrature.on_nodes(self.signal.recoil_energy_kev)
        theories = tuple(theory for _, theory in places(self.signal, self.theory))
        return tuple(
            _by_entry(replace(piece, weights=quadrature.weights(piece.weights)))
            for piece in self._pieces_at(quadrature.points_kev, theories)
        )

    def rate(self, couplings: ArrayLike, energy_kev: Array) -> Array:
        """Return dR/dT in 1/(t yr keV) without theory axes at some couplings, shape (R,)."""
        values = np.asarray(couplings, dtype=float) - self.model.standard_values
        matter = np.tensordot(values, self.model.matter_slopes, axes=1)
        powers = monomials(values)
        total = np.zeros(energy_kev.shape)
        for piece in self._pieces_at(energy_kev, (self.theory,)):
            states = piece.states
            if states is None:
                energies = self.nodes[piece.component].energy_mev
                states = self.model.arrival(self._way(piece.component), energies, matter)
            charges = np.tensordot(powers, piece.products, axes=1)
            total += np.einsum("pk,ik,pir->r", states, charges, piece.weights[:, :, 0])
        return total

    def _pieces_at(self, recoil_energy_kev: Array, places: tuple[Theory, ...]) -> tuple[Piece, ...]:
        """Return the spectra in 1/(t yr keV), with recoil energies as the last axis of weights."""
        if self.signal.channel not in ("cevns", "electron"):
            raise ArgumentError(
                f"couplings by name act in the channels cevns and electron, {self.signal.name} is "
                f"{self.signal.channel}"
            )
        model, electrons = self.model, self.signal.channel == "electron"
        standard = standard_couplings(self.theory.charges)
        charges = Charges.of(ELECTRON if electrons else NUCLEUS, standard, model.couplings)
        kinds: list[tuple[Array, Terms]] = [(charges.products(), self._pairs)]
        if any(coupling.is_moment for coupling in model.couplings):
            kinds.append((moment_products(model.couplings), self._moment))
        recoil = recoil_energy_kev / const.KEV_PER_MEV
        found = []
        for every, terms in kinds:
            for power, products in self._by_power(every, places):
                for parts, states in self._parts:
                    spectra = [self._spectrum(parts, terms, recoil, at, power) for at in places]
                    weights = np.stack(spectra, axis=2) * per_tonne_year_kev(self.target)
                    found.append(Piece(parts.component, states, products, weights))
        return tuple(found)

    def _by_power(self, products: Array, places: tuple[Theory, ...]) -> list[tuple[int, Array]]:
        """Return products by the power of couplings in them, where atoms respond differently."""
        alike = all(theory["atomic_response"] == 1.0 for theory in places)
        if alike or self.signal.channel != "electron":
            return [(0, products)]
        power = np.count_nonzero(monomial_factors(len(self.model.couplings)), axis=1)
        split = [(n, products * (power == n)[:, None, None]) for n in range(3)]
        return [(n, part) for n, part in split if part.any()]

    @cached_property
    def _parts(self) -> tuple[tuple[Parts, Array | None], ...]:
        """Parts of the source with their states; none where these depend on the couplings."""
        vary = self.model.acts_on_the_way or (
            self.model.varies_mixing and self.model.sees_flavours(SCATTERER[self.signal.channel])
        )
        if self.model.keeps_flavours and not vary:
            return (fixed_flavours(self.signal.source),)
        components, rest = split_by_component(self.signal.source)
        found: list[tuple[Parts, Array | None]] = [] if rest is None else [fixed_flavours(rest)]
        for name, source in components.items():
            nodes = self.nodes.get(name)
            if nodes is None:  # not seen
                found.append(fixed_flavours(source))
                continue
            states = (
                None
                if vary
                else self.model.arrival(self._way(name), nodes.energy_mev, self.model.no_matter)
            )
            found.append((nodes.parts(source), states))
        return tuple(found)

    def _way(self, component: str) -> Way:
        return Way(component, self.latitude_deg)

    def _spectrum(
        self, parts: Parts, terms: Terms, recoil: Array, theory: Theory, power: int
    ) -> Array:
        """Return dR/dT for each atom and unit charges in natural units, (parts, pairs, R)."""
        if self.signal.channel != "electron":
            return self._on_nuclei(parts, terms, recoil, theory)
        return self._on_electrons(
            parts, terms, recoil, electrons_of(self.target, recoil, theory)[power]
        )

    def _on_nuclei(self, parts: Parts, terms: Terms, recoil: Array, theory: Theory) -> Array:
        """Return dR/dT for each atom and unit charges in natural units, (parts, pairs, R)."""
        form = form_factor_of(theory)
        total: Array = np.zeros(())
        for isotope in self.target.isotopes:
            least = minimum_neutrino_energy_mev(recoil, isotope.mass_mev)
            moments = parts.inverse_moments(least).sum(axis=1)
            total = total + isotope.abundance * _folded(terms(recoil, isotope, form), moments)
        return total

    def _on_electrons(self, parts: Parts, terms: Terms, recoil: Array, electrons: Array) -> Array:
        """Likewise on electrons; left and right change places for antineutrinos."""
        least = minimum_neutrino_energy_mev(recoil, const.ELECTRON_MASS_MEV)
        moments = parts.inverse_moments(least)
        unit = terms(recoil, None, None) * electrons
        swapped = exchanged(unit) if len(unit) > 1 else unit
        return _folded(unit, moments[:, 0]) + _folded(swapped, moments[:, 1])

    def _pairs(self, recoil: Array, isotope: Isotope | None, form: FormFactor | None) -> Array:
        masses = self.model.exchanged_masses_mev
        if isotope is None or form is None:
            return electron_pairs(recoil, masses)
        return nuclear_pairs(isotope, recoil, form, masses)

    def _moment(self, recoil: Array, isotope: Isotope | None, form: FormFactor | None) -> Array:
        if isotope is None or form is None:
            return electron_moment(recoil)
        return nuclear_moment(isotope, recoil, form)

    @cached_property
    def compressed(self) -> tuple[tuple[Array, ...], Array]:
        """Factors of the recoil weights: of each piece, (parts, pairs, c), and (c, places, R).

        The latter are zero at recoil energies that are not seen, or that no neutrino can make.
        What counts is the difference of expected counts, not that of recoil spectra.
        """
        seen = self.seen > 0.0
        spectra = [piece.weights * seen for piece in self.pieces]
        counted = [weights @ self._visible for weights in spectra]
        sizes = [sizes_of_pairs(counts) for counts in counted]
        every, folded = (scaled_rows(each, sizes) for each in (spectra, counted))
        left, values, _ = np.linalg.svd(folded, False)
        kept = int(np.sum(values > _COMPRESSION * values.max(initial=0.0)))
        ends = np.cumsum([weights.shape[0] * weights.shape[1] for weights in spectra])[:-1]
        mixing = tuple(
            rows.reshape(*weights.shape[:2], kept) * size[:, None]
            for rows, weights, size in zip(
                np.split(left[:, :kept], ends), spectra, sizes, strict=True
            )
        )
        common = left[:, :kept].T @ every
        return mixing, common.reshape(kept, *spectra[0].shape[2:])

    @cached_property
    def seen(self) -> Array:
        """How visible each recoil energy is: the norm of its response, shape (R,)."""
        return np.asarray(np.linalg.norm(self._responses, axis=1))

    @property
    def _responses(self) -> Array:
        """The response at each recoil energy in all bins and nodes, shape (R, n)."""
        response = self.signal.values.transpose(RECOIL_ENERGY, ...).values
        return np.asarray(response.reshape(len(response), -1))

    @cached_property
    def _visible(self) -> Array:
        """What takes recoil weights to numbers with the norm of their counts, shape (R, r).

        A factor of the sums over all bins of products of responses, without these products, whose
        small eigenvalues would be rounding.
        """
        return np.asarray(np.linalg.qr(self._responses.T, mode="r").T)


def _by_entry(piece: Piece) -> Piece:
    """Return a piece with a part for each entry of the density matrix, if that makes fewer parts.

    Energy nodes whose states are known are added up, so that their spectra need fewer components.
    """
    if piece.states is None:
        return piece
    entries = np.flatnonzero(piece.states.any(axis=0))
    if entries.size >= len(piece.states):
        return piece
    weights = np.tensordot(piece.states[:, entries].T, piece.weights, axes=1)
    return replace(piece, states=np.eye(piece.states.shape[1])[entries], weights=weights)


def _folded(terms: Array, moments: Array) -> Array:
    """Sum coefficients (pairs, 3, R) times moments (parts, 3, R): shape (parts, pairs, R)."""
    return np.asarray(np.einsum("in...,pn...->pi...", terms, moments))
