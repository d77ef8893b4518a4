"""Spectra of any source and target with couplings by name."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from bayes_cevns.arguments import named
from bayes_cevns.arrays import Array
from bayes_cevns.cards.experiment import RECOIL_ENERGY, Signal
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.spectra import SignalSpectra
from bayes_cevns.couplings.table import nodes_above
from bayes_cevns.couplings.values import coupling_values
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.physics.nuclei import target as named_target
from bayes_cevns.physics.oscillation import Propagation
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory, theory_of
from bayes_cevns.rates import SCATTERER
from bayes_cevns.rates.base import check_energies
from bayes_cevns.sources import Source
from bayes_cevns.sources import source as named_source


def coupling_spectrum(
    channel: str,
    energy_kev: ArrayLike,
    *,
    source: Source | str,
    target: Target | str,
    couplings: Mapping[str, complex],
    mass_mev: float | None = None,
    propagation: Propagation | None = None,
    matter: bool = True,
    theory: Theory = STANDARD_THEORY,
) -> Array:
    """Return dR/dT with some couplings.

    Parameters
    ----------
    channel
        ``"cevns"`` or ``"electron"``.
    energy_kev
        Recoil energies in keV, > 0, shape (n,).
    source, target
        What scatters on what, or their names.
    couplings
        Values by name (`bayes_cevns.couplings.named`).
    mass_mev, propagation, matter, theory
        As in `bayes_cevns.expected_counts`.

    Returns
    -------
    ndarray
        Shape (n,), in events per tonne, year and keV.

    Raises
    ------
    UnknownNameError, ArgumentError
        If a name is unknown, an energy is not positive and finite, or couplings by name do not
        act in the channel.
    """
    theory_of(theory).check_only_on(SCATTERER[named(channel, "channel", SCATTERER)])
    energies = np.atleast_1d(check_energies(energy_kev))
    values = coupling_values(couplings)
    model = CouplingModel.of(values, mass_mev=mass_mev, propagation=propagation, matter=matter)
    signal = Signal(
        name=channel,
        scaled_by=(),
        values=xr.DataArray(np.zeros(energies.size), {RECOIL_ENERGY: energies}, RECOIL_ENERGY),
        axes=(),
        channel=channel,
        source=named_source(source) if isinstance(source, str) else source,
    )
    made_of = named_target(target) if isinstance(target, str) else target
    spectra = SignalSpectra(
        signal=signal,
        target=made_of,
        theory=theory,
        model=model,
        nodes=nodes_above([(signal, made_of)]),
        latitude_deg=model.propagation.latitude_deg,
    )
    return spectra.rate(model.values(values), energies)
