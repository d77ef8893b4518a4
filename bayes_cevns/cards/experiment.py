"""One experiment: its card and its table, as arrays with consistent dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from bayes_cevns.arguments import listed, named
from bayes_cevns.arrays import Array
from bayes_cevns.cards.card import Card
from bayes_cevns.cards.ends import warn_of_ends
from bayes_cevns.cards.likelihoods import CountLikelihood, PoissonCounts
from bayes_cevns.cards.own_files import OwnFiles
from bayes_cevns.cards.table_file import at_nominal_nodes
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.rates import build_rate
from bayes_cevns.sources import Source
from bayes_cevns.storage.resources import data_dir, recorded_checksums
from bayes_cevns.tables.shape_axes import ShapeAxis

#: What the name of the dimension of recoil energies begins with.
RECOIL_ENERGY = "recoil_energy"


@dataclass(frozen=True, eq=False, repr=False)
class Template(Displayed):
    """A component of the expected counts.

    Attributes
    ----------
    name
        Name of the component, such as ``"ac"``.
    scaled_by
        Nuisances that multiply it.
    values
        Expected counts, dims (*axes, run, bin).
    axes
        Shape nuisances on which it depends, none or more, in the order of the dims.
    """

    name: str
    scaled_by: tuple[str, ...]
    values: xr.DataArray
    axes: tuple[ShapeAxis, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Signal(Template):
    """A component that neutrinos make; its values are a response.

    Attributes
    ----------
    values
        Expected counts per unit of dR/dT and keV, in tonne years, dims (recoil_energy, *axes,
        run, bin).
    channel
        Name of the channel.
    source
        The source of the neutrinos.
    theory_axes
        Shape nuisances of the recoil spectrum, on which the response does not depend.
    states_by
        Nuisances on which the flavour states of its neutrinos depend (`bayes_cevns.cards.mixing`).
    """

    channel: str
    source: Source
    theory_axes: tuple[ShapeAxis, ...] = ()
    states_by: tuple[str, ...] = ()

    @property
    def recoil_energy_kev(self) -> Array:
        """Recoil energies at which the response is tabulated, shape (n,)."""
        return np.asarray(self.values[RECOIL_ENERGY].values, dtype=float)

    @property
    def all_axes(self) -> tuple[ShapeAxis, ...]:
        """Axes of the expected counts: those of the response, then those of the theory."""
        return (*self.axes, *self.theory_axes)


@dataclass(frozen=True, eq=False, repr=False)
class Experiment(Displayed):
    """Observed counts and everything that is needed to predict them.

    Attributes
    ----------
    name
        Name of the card.
    card
        The card itself: title, nuisances and their priors, citations.
    target
        What the neutrinos scatter on.
    exposure_tonne_year
        Exposure, dims (run).
    observed
        Observed counts, dims (run, bin); NaN where none are public.
    likelihood
        How the observed counts are distributed about the expected ones.
    signals, backgrounds
        Components of the expected counts.
    data
        What the observed counts are: ``"observed"``, ``"asimov"``, ``"toy"`` or ``"none"``.
    table_sha256
        Digest of its table; empty if it was not read from a file.
    edges_kev
        Edges of the bins in detected energy, shape (bins + 1,), the same in all runs; ``None`` if
        the bins are not of energy alone.
    edges
        Name of an observable -> edges of its bins, for figures (`bin_edges`).
    origin
        Options from which it can be made again: ``name`` (or path of its card), ``runs``,
        ``source``, ``threshold_kev``, ``exposure_scale``, ``data``. They are valid as long as
        nothing else was changed (`bayes_cevns.studies.experiment_words`).
    own
        What was read of the files of a user; ``None`` for an experiment of the package.
    """

    name: str
    card: Card
    target: Target
    exposure_tonne_year: xr.DataArray
    observed: xr.DataArray
    signals: tuple[Signal, ...]
    backgrounds: tuple[Template, ...]
    likelihood: CountLikelihood = field(default_factory=PoissonCounts)
    data: str = "observed"
    table_sha256: str = ""
    edges_kev: Array | None = None
    edges: Mapping[str, xr.DataArray] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)
    own: OwnFiles | None = None

    def _rows(self) -> dict[str, object]:
        counts = f"{float(np.sum(self.observed.values)):.6g}" if self.data != "none" else "none"
        bins = " x ".join(f"{size} {name}" for name, size in self.observed.sizes.items())
        return {
            "title": self.card.title,
            "target": self.target.name,
            "runs": self.runs,
            "exposure": f"{float(np.sum(self.exposure_tonne_year.values)):.4g} t yr",
            "counts": f"{counts} in {bins} ({self.data})",
            "signals": [f"{s.name} ({s.channel} of {s.source.name})" for s in self.signals],
            "backgrounds": [part.name for part in self.backgrounds],
            "nuisances": self.nuisances(),
            "likelihood": self.likelihood.title,
        }

    @property
    def sigma(self) -> xr.DataArray | None:
        """Standard deviations of measured numbers; ``None`` where events are counted."""
        return self.likelihood.sigma

    @property
    def package_table(self) -> str:
        """Its table below ``data/``, if it is one of the package; empty for that of a user."""
        listed = recorded_checksums(data_dir()).get(self.card.table)
        return self.card.table if listed and listed == self.table_sha256 else ""

    @property
    def runs(self) -> tuple[str, ...]:
        """Names of the runs."""
        return tuple(str(run) for run in self.observed["run"].values)

    @property
    def components(self) -> tuple[Template, ...]:
        """Signals, then backgrounds."""
        return (*self.signals, *self.backgrounds)

    @cached_property
    def signal_axes(self) -> tuple[ShapeAxis, ...]:
        """Shape axes of all signals together, in the order of the card."""
        axes = {axis.name: axis for signal in self.signals for axis in signal.all_axes}
        return tuple(axes[name] for name in self.card.nuisance if name in axes)

    def nuisances(self) -> tuple[str, ...]:
        """Return the names of the nuisances that the components use, in the card's order."""
        used = {axis.name for axis in self.signal_axes}
        for part in self.components:
            used |= {*part.scaled_by, *(axis.name for axis in part.axes)}
        for signal in self.signals:
            used |= {*signal.states_by}
        return tuple(name for name in self.card.nuisance if name in used)

    def per_run(self, names: Iterable[str]) -> bool:
        """Return whether each run has its own value of one of these nuisances."""
        return any(self.card.nuisance[name].per_run for name in names)

    def select_runs(self, runs: Sequence[str]) -> Experiment:
        """Return the same experiment with a subset of its runs, in the card's order.

        Raises
        ------
        ArgumentError
            If no run is named.
        UnknownNameError
            If a run is not one of the experiment's.
        """
        runs = listed(runs, what=f"a list of runs of {self.name}")
        for run in runs:
            named(run, f"run of {self.name}", self.runs)
        if not runs:
            raise ArgumentError(f"no run of {self.name} was named; it has {', '.join(self.runs)}")
        keep = [run for run in self.runs if run in set(runs)]

        def cut[T: Template](part: T) -> T:
            return replace(part, values=part.values.sel(run=keep))

        return replace(
            self,
            exposure_tonne_year=self.exposure_tonne_year.sel(run=keep),
            observed=self.observed.sel(run=keep),
            likelihood=self.likelihood.changed(lambda values: values.sel(run=keep)),
            signals=tuple(cut(part) for part in self.signals),
            backgrounds=tuple(cut(part) for part in self.backgrounds),
            origin={**self.origin, "runs": keep},
        )

    def with_source(self, new: Source) -> Experiment:
        """Return the same experiment with another neutrino source.

        Raises
        ------
        ArgumentError
            If it is no source; or if there are several signals, each with a source of its own.

        Warns
        -----
        RangeWarning
            If the new source makes recoils beyond the ends of the table.
        """
        if not isinstance(new, Source):
            raise ArgumentError(
                f"expected a source, as bayes_cevns.source returns it, got {shown(new)}"
            )
        signal = self.only_signal("another source")
        changed = replace(
            self,
            signals=(replace(signal, source=new),),
            origin={**self.origin, "source": new.name if new.file is None else str(new.file.path)},
        )
        changed.warn_of_ends()
        return changed

    def warn_of_ends(self) -> None:
        """Warn of signals that lose counts where their tables end (`cards.ends`).

        Not of those whose card declares with ``recoil_range_kev`` that the cut is meant.
        """
        for signal in self.signals:
            if self.card.signal[signal.name].recoil_range_kev is None:
                total = at_nominal_nodes(self.card, signal.values.sum(("run", "bin")))
                rate = build_rate(
                    signal.channel,
                    source=signal.source,
                    target=self.target,
                    interaction=None,
                )
                what = f"{self.name}, signal {signal.name}"
                warn_of_ends(what, rate, signal.recoil_energy_kev, np.asarray(total.values))

    def only_signal(self, why: str) -> Signal:
        """Return the signal of an experiment that has one.

        Raises
        ------
        ArgumentError
            If it has several; the message begins with the purpose of the call.
        """
        if len(self.signals) > 1:
            names = ", ".join(signal.name for signal in self.signals)
            raise ArgumentError(
                f"{why} is for experiments with one signal, {self.name} has several ({names})"
            )
        return self.signals[0]
