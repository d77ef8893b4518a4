"""From a model card and its table to an experiment, with all checks of the one on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from os import PathLike, fspath
from pathlib import Path

import xarray as xr

from bayes_cevns.errors import ArgumentError, TableError, UnknownNameError
from bayes_cevns.experiments.card_file import CardFile, read_card
from bayes_cevns.experiments.experiment import RECOIL_ENERGY, Experiment, Signal, Template
from bayes_cevns.experiments.observables import bin_edges
from bayes_cevns.experiments.table_file import (
    check_numbers,
    check_response,
    check_table,
    check_unit,
    energy_edges,
    observed_counts,
    read_table,
)
from bayes_cevns.physics.migdal import elements as migdal_elements
from bayes_cevns.physics.nuclei import Target, target
from bayes_cevns.resources import bibliography, data_dir, data_file, models_dir, sha256
from bayes_cevns.sources import source
from bayes_cevns.tables.shape_axes import ShapeAxis

type Axes = tuple[ShapeAxis, ...]

_SUFFIX = ".toml"
#: Unit of a background -> whether it is multiplied with the exposure.
_BACKGROUND_UNITS = {"1/(t yr)": True, "counts": False}


def experiment_names() -> tuple[str, ...]:
    """Return the names of all experiments that have a model card."""
    return tuple(sorted(path.stem for path in models_dir().glob(f"*{_SUFFIX}")))


def experiment(name: str | PathLike[str]) -> Experiment:
    """Return an experiment of the package by its name, or one of your own by its card.

    Parameters
    ----------
    name
        A name, or the path of a model card, which ends in ``.toml``: its table is found from the
        folder of the card, or else among the tables of the package.

    Raises
    ------
    UnknownNameError
        If there is no card of that name; the known ones are listed.
    CardError
        If its card is wrong or contradicts its table, or has the name of another experiment.
    DataError
        If its table is missing or was altered.
    ArgumentError
        If it is neither a name nor a path.
    """
    if not isinstance(name, str | PathLike) or "\0" in str(name):
        raise ArgumentError(f"expected the name of an experiment or a path, got {name!r}")
    name = fspath(name)
    if name.endswith(_SUFFIX):
        return _experiment_of_user(Path(name))
    if name not in experiment_names():
        raise UnknownNameError("experiment", name, experiment_names())
    return _experiment_of_package(name)


@cache
def _experiment_of_package(name: str) -> Experiment:
    file = read_card(models_dir() / f"{name}{_SUFFIX}")
    return load_experiment(file, table=data_file(file.card.table))


def _experiment_of_user(path: Path) -> Experiment:
    file = read_card(path)
    if file.name in experiment_names():
        raise file.error("title", f"an experiment of the package is called {file.name!r}: rename")
    return load_experiment(file, table=_table_of_user(file))


def _table_of_user(file: CardFile) -> Path:
    """Return the table beside a card, or the one of the package that it names."""
    name = file.card.table
    for folder in (file.path.parent, data_dir()):
        if name and (folder / name).is_file():
            return folder / name if folder == file.path.parent else data_file(name)
    raise file.error(
        "table", f"{name!r} is no file, neither in {file.path.parent} nor of the package"
    )


def load_experiment(file: CardFile, *, table: Path) -> Experiment:
    """Put a card and its table together.

    Parameters
    ----------
    file
        The card.
    table
        Path of a netCDF table with ``observed(run, bin)``, ``exposure(run)`` and one
        variable for each template that the card names.

    Raises
    ------
    CardError
        If the card names a source, target, variable, run or axis that is missing.
    DataError
        If the table cannot be read, has negative or non-finite numbers, or an exposure in
        another unit than tonne years.
    """
    card = file.card
    _check_references(file)
    data = read_table(file, table)
    check_table(file, data)
    for run in card.runs:
        if run not in data["run"].values:
            has = ", ".join(str(r) for r in data["run"].values)
            raise file.error("runs", f"run {run!r} is not in {table} (has {has})")
    data = data.sel(run=list(card.runs))
    axes = _shape_axes(file, data)
    observed, sigma = observed_counts(file, data)
    loaded = Experiment(
        name=file.name,
        card=card,
        target=_target(file),
        exposure_tonne_year=data["exposure"],
        observed=observed,
        signals=tuple(_signal(file, name, data, axes) for name in card.signal),
        backgrounds=tuple(_background(file, name, data, axes) for name in card.background),
        sigma=sigma,
        data="none" if card.likelihood == "none" else "observed",
        table_sha256=sha256(table),
        edges_kev=energy_edges(data),
        edges=bin_edges(data),
    )
    _check_nuisances(file, loaded)
    return loaded


def _check_references(file: CardFile) -> None:
    for key in file.card.cite:
        if key not in bibliography():
            raise file.error("cite", f"{key!r} has no entry in {models_dir() / 'references.bib'}")
    for name in file.card.overlaps:
        if name == file.name:
            raise file.error("overlaps", f"{name!r} is this experiment itself: take it away")
        if name not in experiment_names() and not (file.path.parent / f"{name}{_SUFFIX}").is_file():
            raise file.error(
                "overlaps",
                f"{name!r} is no experiment, and there is no card of this name beside it",
            )


def _check_nuisances(file: CardFile, loaded: Experiment) -> None:
    card = file.card
    for axis in loaded.signal_axes:
        if card.nuisance[axis.name].per_run:
            raise file.error(
                f"nuisance.{axis.name}.per_run", "an axis of the signal cannot be per_run"
            )
    for unused in sorted(set(card.nuisance) - set(loaded.nuisances())):
        key = "shared" if unused in card.shared else f"nuisance.{unused}"
        raise file.error(key, f"nuisance {unused!r} is used by no component")


def _named[T](file: CardFile, key: str, find: Callable[[], T]) -> T:
    """Return what a key names; that there is none is an error of the card."""
    try:
        return find()
    except UnknownNameError as error:
        raise file.error(key, str(error)) from None


def _target(file: CardFile) -> Target:
    found = _named(file, "target", lambda: target(file.card.target))
    for name, entry in file.card.signal.items():
        known = migdal_elements()
        missing = {isotope.symbol for isotope in found.isotopes} - set(known)
        if entry.channel == "migdal" and missing:
            has = ", ".join(known)
            raise file.error(
                f"signal.{name}.channel",
                f"no Migdal probabilities of {file.card.target} (has {has})",
            )
    return found


def _shape_axes(file: CardFile, data: xr.Dataset) -> Axes:
    axes = []
    for name, entry in file.card.nuisance.items():
        if not entry.axis:
            continue
        key = f"nuisance.{name}"
        if entry.theory:
            if name in data.variables or name in data.dims:
                raise file.error(
                    f"{key}.theory", f"{name!r} is in the table as well: take one of them away"
                )
            axis = _axis(file, f"{key}.theory", name, entry.theory)
        elif name not in data.coords:
            has = ", ".join(map(str, data.coords))
            raise file.error(key, f"{name!r} is an axis that its table lacks (has {has})")
        elif name in ("run", "bin") or name.startswith(RECOIL_ENERGY) or data[name].ndim != 1:
            raise file.error(key, f"{name!r} cannot be an axis of shapes")
        else:
            check_numbers(file, key, data[name])
            axis = _axis(file, key, name, data[name].values)
        for which, prior in entry.priors.items():
            low, high = prior.support
            if low < axis.nodes[0] or high > axis.nodes[-1]:
                raise file.error(
                    f"{key}.{which}",
                    f"reaches from {low:g} to {high:g}, its table from {axis.nodes[0]:g} to "
                    f"{axis.nodes[-1]:g}, and tables are not extrapolated: give lower and upper",
                )
        axes.append(axis)
    return tuple(axes)


def _axis(file: CardFile, key: str, name: str, nodes: Iterable[float]) -> ShapeAxis:
    try:
        return ShapeAxis(name, tuple(float(node) for node in nodes))
    except TableError as error:
        raise file.error(key, str(error)) from None


def _signal(file: CardFile, name: str, data: xr.Dataset, axes: Axes) -> Signal:
    key, entry = f"signal.{name}", file.card.signal[name]
    values = _variable(file, key, entry.template, data)
    energies = [dim for dim in values.dims if str(dim).startswith(RECOIL_ENERGY)]
    if len(energies) == 1:
        values = values.rename({energies[0]: RECOIL_ENERGY})
    values, own = _in_order(file, key, values, axes, RECOIL_ENERGY)
    check_unit(file, f"{key}.template", values, ["1"])
    check_response(file, f"{key}.template", values, RECOIL_ENERGY)
    theory = [axis for axis in axes if file.card.nuisance[axis.name].theory]
    return Signal(
        name,
        entry.scaled_by,
        values * data["exposure"],
        own,
        channel=entry.channel,
        source=_named(file, f"{key}.source", lambda: source(entry.source)),
        # They are of nuclei, all of them.
        theory_axes=() if entry.channel == "electron" else tuple(theory),
    )


def _background(file: CardFile, name: str, data: xr.Dataset, axes: Axes) -> Template:
    key, entry = f"background.{name}", file.card.background[name]
    values = _variable(file, key, entry.template, data)
    values, own = _in_order(file, key, values, axes)
    unit = check_unit(file, f"{key}.template", values, list(_BACKGROUND_UNITS))
    if not values.values.any():
        raise file.data_error(f"{key}.template", f"{values.name!r} is zero in all runs of the card")
    exposure = data["exposure"] if _BACKGROUND_UNITS[unit] else 1.0
    return Template(name, entry.scaled_by, values * exposure, own)


def _variable(file: CardFile, key: str, template: str, data: xr.Dataset) -> xr.DataArray:
    if template not in data:
        has = ", ".join(str(name) for name in data.data_vars)
        raise file.error(
            f"{key}.template", f"{template!r} is no variable of the table, which has {has}"
        )
    check_numbers(file, f"{key}.template", data[template])
    return data[template].astype(float)


def _in_order(
    file: CardFile, key: str, values: xr.DataArray, axes: Axes, *first: str
) -> tuple[xr.DataArray, Axes]:
    """Return a template with its dims in order, and its shape axes."""
    own = tuple(axis for axis in axes if axis.name in values.dims)
    order = (*first, *(axis.name for axis in own), "run", "bin")
    if set(values.dims) != set(order):
        raise file.error(
            f"{key}.template",
            f"{values.name!r} has the dimensions {list(values.dims)}, expected {sorted(order)}; is "
            "an axis missing from the card?",
        )
    return values.transpose(*order), own
