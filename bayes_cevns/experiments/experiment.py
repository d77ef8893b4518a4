"""One experiment: its card and its table, as arrays that fit together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayes_cevns.errors import ArgumentError, CardError, DataError, UnknownNameError
from bayes_cevns.experiments.card import Card, read_card
from bayes_cevns.physics.nuclei import Target, target
from bayes_cevns.resources import data_file, models_dir
from bayes_cevns.sources import Source, source
from bayes_cevns.tables.shape_axes import ShapeAxis

type Array = NDArray[np.float64]

RECOIL_ENERGY = "recoil_energy"
_RESERVED = ("run", "bin", RECOIL_ENERGY)


@dataclass(frozen=True, eq=False)
class Template:
    """A component of the expected counts.

    Attributes
    ----------
    name
        Name of the component, such as ``"ac"``.
    scaled_by
        Nuisances that multiply it.
    values
        Expected counts, dims (*axes, run, bin); for the signal, expected counts per unit
        of dR/dT and keV, in tonne years, dims (recoil_energy, *axes, run, bin).
    axes
        Shape nuisances on which it depends, none or more, in the order of the dims.
    """

    name: str
    scaled_by: tuple[str, ...]
    values: xr.DataArray
    axes: tuple[ShapeAxis, ...]


@dataclass(frozen=True, eq=False)
class Experiment:
    """Observed counts and everything that is needed to predict them.

    Attributes
    ----------
    name
        Name of the card.
    card
        The card itself: title, nuisances and their priors, citations.
    source, target
        What scatters on what.
    exposure_tonne_year
        Exposure, dims (run).
    observed
        Observed counts, dims (run, bin).
    signal, backgrounds
        Components of the expected counts.
    """

    name: str
    card: Card
    source: Source
    target: Target
    exposure_tonne_year: xr.DataArray
    observed: xr.DataArray
    signal: Template
    backgrounds: tuple[Template, ...]

    @property
    def runs(self) -> tuple[str, ...]:
        """Names of the runs."""
        return tuple(str(run) for run in self.observed["run"].values)

    @property
    def recoil_energy_kev(self) -> Array:
        """Recoil energies at which the response is tabulated, shape (n,)."""
        return np.asarray(self.signal.values[RECOIL_ENERGY].values, dtype=float)

    def nuisances(self) -> tuple[str, ...]:
        """Return the names of the nuisances that the components use, in the card's order."""
        parts = (self.signal, *self.backgrounds)
        used = {n for part in parts for n in (*part.scaled_by, *(a.name for a in part.axes))}
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
        for run in runs:
            if run not in self.runs:
                raise UnknownNameError(f"run of {self.name}", run, self.runs)
        if not runs:
            raise ArgumentError(f"no run of {self.name} was named; it has {', '.join(self.runs)}")
        keep = [run for run in self.runs if run in set(runs)]

        def cut(part: Template) -> Template:
            return replace(part, values=part.values.sel(run=keep))

        return replace(
            self,
            exposure_tonne_year=self.exposure_tonne_year.sel(run=keep),
            observed=self.observed.sel(run=keep),
            signal=cut(self.signal),
            backgrounds=tuple(cut(part) for part in self.backgrounds),
        )

    def with_source(self, new: Source) -> Experiment:
        """Return the same experiment with another neutrino source."""
        return replace(self, source=new)


def experiment_names() -> tuple[str, ...]:
    """Return the names of all experiments that have a model card."""
    return tuple(sorted(path.stem for path in models_dir().glob("*.toml")))


@cache
def experiment(name: str) -> Experiment:
    """Return an experiment of the package by its name.

    Raises
    ------
    UnknownNameError
        If there is no card of that name; the known ones are listed.
    CardError
        If its card is wrong or contradicts its table.
    DataError
        If its table is missing or was altered.
    """
    if name not in experiment_names():
        raise UnknownNameError("experiment", name, experiment_names())
    path = models_dir() / f"{name}.toml"
    card = read_card(path)
    return load_experiment(name, card, table=data_file(card.table))


def load_experiment(name: str, card: Card, *, table: Path) -> Experiment:
    """Put a card and its table together.

    Parameters
    ----------
    name
        Name of the experiment.
    card
        Its card.
    table
        Path of a netCDF table with ``observed(run, bin)``, ``exposure(run)`` and one
        variable for each template that the card names.

    Raises
    ------
    CardError
        If the card names a variable, run or axis that the table lacks.
    DataError
        If the table cannot be read, or has negative or non-finite numbers.
    """
    data = _read_table(table)
    _check_counts(table, data)
    for run in card.runs:
        if run not in data["run"].values:
            has = ", ".join(str(r) for r in data["run"].values)
            raise CardError(f"model card {name}: run {run!r} is not in {table} (has {has})")
    data = data.sel(run=list(card.runs))
    axes = _shape_axes(name, card, data)
    loaded = Experiment(
        name=name,
        card=card,
        source=source(card.source),
        target=target(card.target),
        exposure_tonne_year=data["exposure"],
        observed=data["observed"].transpose("run", "bin"),
        signal=_template(name, "signal", card, data, axes),
        backgrounds=tuple(_template(name, key, card, data, axes) for key in card.background),
    )
    if loaded.per_run(axis.name for axis in loaded.signal.axes):
        raise CardError(f"model card {name}: an axis of the signal cannot be per_run")
    for unused in set(card.nuisance) - set(loaded.nuisances()):
        raise CardError(f"model card {name}: nuisance {unused!r} is used by no component")
    return loaded


def _read_table(table: Path) -> xr.Dataset:
    try:
        with xr.open_dataset(table, engine="h5netcdf") as opened:
            data = opened.load()
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"table {table} cannot be read ({error}): rebuild it") from None
    return data


def _check_counts(table: Path, data: xr.Dataset) -> None:
    """Check observed counts, exposures and whatever else is binned."""
    for key, dims in {"observed": {"run", "bin"}, "exposure": {"run"}}.items():
        if key not in data:
            raise DataError(f"table {table} lacks the variable {key!r}: rebuild it")
        if set(data[key].dims) != dims or not data[key].size:
            raise DataError(
                f"table {table}: {key!r} has the shape {dict(data[key].sizes)}, expected one "
                f"value or more along {sorted(dims)}: rebuild it"
            )
    for name, variable in data.data_vars.items():
        if variable.dtype.kind in "iuf" and ("bin" in variable.dims or name == "exposure"):
            values = variable.values
            if not np.all(np.isfinite(values)) or values.min() < 0:
                raise DataError(
                    f"table {table}: {name!r} has negative or non-finite numbers: rebuild it"
                )
    if np.any(data["observed"].values % 1):
        raise DataError(f"table {table}: 'observed' has counts that are not whole: rebuild it")
    if not data["exposure"].values.all():
        raise DataError(f"table {table}: 'exposure' has zeros: rebuild it")


def _shape_axes(name: str, card: Card, data: xr.Dataset) -> tuple[ShapeAxis, ...]:
    axes = []
    for nuisance, entry in card.nuisance.items():
        if not entry.axis:
            continue
        if nuisance not in data.coords:
            raise CardError(
                f"model card {name}: nuisance {nuisance!r} is an axis that its table lacks "
                f"(has {', '.join(map(str, data.coords))})"
            )
        if nuisance in _RESERVED or data[nuisance].dims != (nuisance,):
            raise CardError(f"model card {name}: {nuisance!r} cannot be an axis of shapes")
        axis = ShapeAxis(nuisance, tuple(float(v) for v in data[nuisance].values))
        for key, prior in entry.priors.items():
            low, high = prior.support
            if low < axis.nodes[0] or high > axis.nodes[-1]:
                raise CardError(
                    f"model card {name}: nuisance.{nuisance}.{key} reaches from {low:g} to "
                    f"{high:g}, its table from {axis.nodes[0]:g} to {axis.nodes[-1]:g}, and "
                    "tables are not extrapolated: give lower and upper"
                )
        axes.append(axis)
    return tuple(axes)


def _template(
    name: str, part: str, card: Card, data: xr.Dataset, axes: tuple[ShapeAxis, ...]
) -> Template:
    entry = card.signal if part == "signal" else card.background[part]
    if entry.template not in data:
        variables = ", ".join(str(key) for key in data.data_vars)
        raise CardError(
            f"model card {name}: {part} names the template {entry.template!r}, which its table "
            f"lacks (has {variables})"
        )
    values = data[entry.template].astype(float)
    own = tuple(axis for axis in axes if axis.name in values.dims)
    energy = (RECOIL_ENERGY,) if part == "signal" else ()
    expected = {*energy, *(axis.name for axis in own), "run", "bin"}
    if set(values.dims) != expected:
        raise CardError(
            f"model card {name}: template {entry.template!r} has the dimensions "
            f"{list(values.dims)}, expected {sorted(expected)}; is an axis missing from the card?"
        )
    units = values.attrs.get("units", "")
    known = {"1": True} if part == "signal" else {"1/(t yr)": True, "counts": False}
    if units not in known:
        raise DataError(
            f"template {entry.template!r} of {name} has the unit {units!r}, "
            f"expected {' or '.join(map(repr, known))}: rebuild the table"
        )
    if known[units]:
        values = values * data["exposure"]
    order = (*energy, *(axis.name for axis in own), "run", "bin")
    return Template(part, entry.scaled_by, values.transpose(*order), own)
