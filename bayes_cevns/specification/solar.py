"""What solar neutrinos add to a model: their uncertain mixing, and how their flux was measured."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.experiment import Signal
from bayes_cevns.cards.mixing import with_states, with_theta12
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.errors import ArgumentError, FluxWarning
from bayes_cevns.physics.form_factors import form_factor
from bayes_cevns.physics.interactions import ELECTRON, Interaction
from bayes_cevns.physics.interactions.guard import nuclear_terms
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import SCATTERER
from bayes_cevns.sources.components import split_by_component

#: Where an interaction is asked how many flavours it tells apart: any place does.
_RECOIL_MEV, _MASS_MEV = np.array([1e-3]), np.array(1.0)


def mixed(
    experiments: tuple[Experiment, ...],
    new: Interaction | None,
    couplings: CouplingModel | None,
    theory: Theory,
    mixing: str,
) -> tuple[Experiment, ...]:
    """Return experiments with the mixing of solar neutrinos as nuisances, if it is free.

    Those signals depend on it that tell flavours of solar neutrinos apart; it is free beside
    couplings also if theirs is.

    Raises
    ------
    ArgumentError
        If solar neutrinos are not those of the catalogue, so that their mixing is not known.
    """
    if isinstance(couplings, CouplingModel):
        free = "free" in (mixing, couplings.mixing)
        return _with_couplings(experiments, couplings) if free else experiments
    return _with_amplitude(experiments, new, theory) if mixing == "free" else experiments


def _with_couplings(
    experiments: tuple[Experiment, ...], couplings: CouplingModel
) -> tuple[Experiment, ...]:
    """Return experiments whose flavour states depend on the mixing."""
    found = []
    for e in experiments:
        names = [
            signal.name
            for signal in e.signals
            if couplings.sees_flavours(SCATTERER[signal.channel])
            and split_by_component(signal.source)[0]
        ]
        found.append(with_states(e, names))
    return tuple(found)


def _with_amplitude(
    experiments: tuple[Experiment, ...], new: Interaction | None, theory: Theory
) -> tuple[Experiment, ...]:
    """Return experiments whose tables of one amplitude depend on sin^2 theta_12.

    All on electrons, and on nuclei those of interactions or radiative corrections that differ
    between flavours.
    """
    found = []
    for e in experiments:
        names = [
            signal.name
            for signal in e.signals
            if split_by_component(signal.source)[0] and _tells_apart(e, signal, new, theory)
        ]
        for signal in e.signals:
            if signal.name in names and signal.source.latitude_deg is None:
                raise ArgumentError(
                    f"{e.name}, signal {signal.name}: free mixing needs solar neutrinos of the "
                    f"catalogue, and the flavours of {signal.source.name!r} were given: use "
                    'mixing "fixed", or bayes_cevns.source'
                )
        found.append(with_theta12(e, names))
    return tuple(found)


def _tells_apart(e: Experiment, signal: Signal, new: Interaction | None, theory: Theory) -> bool:
    """Return whether a signal depends on the flavours of its neutrinos."""
    scatterer = SCATTERER[signal.channel]
    if scatterer == ELECTRON or not theory.charges.alike:
        return True
    if new is None or scatterer not in new.scatters_on:
        return False
    form = form_factor(theory.form_factor)
    return any(
        nuclear_terms(new, isotope, _RECOIL_MEV, _MASS_MEV, form, theory.charges).shape[1] > 1
        for isotope in e.target.isotopes
    )


def warn_of_flux(alternatives: Mapping[str, str], new: Interaction | None) -> None:
    """Warn where a flux was measured by what an interaction changes.

    SNO's flux of 8B is that of neutral currents on deuterons. At these energies it is a
    Gamow-Teller transition, 3S1 -> 1S0: axial, with a change of isospin. Vector couplings to
    quarks have no part in it, nor have axial ones that are alike for u and d (Gehrlein, Machado and
    Pinheiro, arXiv:2412.08712, of SNO's data).

    Warns
    -----
    FluxWarning
        If the interaction acts on the spins of quarks.
    """
    if alternatives.get("flux_8b") == "sno" and new is not None and new.acts_on_spins:
        warnings.warn(
            f"{new.name!r} acts on the spins of quarks, and SNO measured the flux of 8B by the "
            "break-up of deuterons, an axial transition with a change of isospin: the prior "
            "flux_8b=sno holds where u and d couple alike; take that of the solar model otherwise",
            FluxWarning,
            stacklevel=4,
        )
