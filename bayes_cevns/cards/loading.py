"""Loading of experiments: a model card and its table, each checked against the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from math import prod
from os import PathLike, fspath
from pathlib import Path

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.cards.background_units import BACKGROUND_UNITS, warn_of_units
from bayes_cevns.cards.card_file import CardFile, read_card
from bayes_cevns.cards.experiment import RECOIL_ENERGY, Experiment, Signal, Template
from bayes_cevns.cards.observables import bin_edges
from bayes_cevns.cards.observed import check_reached
from bayes_cevns.cards.own_files import own_files
from bayes_cevns.cards.sidebands import with_expected
from bayes_cevns.cards.table_file import (
    check_numbers,
    check_response,
    check_table,
    check_unit,
    energy_edges,
    observed_counts,
    read_table,
)
from bayes_cevns.cards.table_likelihood import table_likelihood
from bayes_cevns.errors import ArgumentError, TableError, UnknownNameError, shown
from bayes_cevns.physics.checks import LARGEST
from bayes_cevns.physics.migdal import elements as migdal_elements
from bayes_cevns.physics.nuclei import Target, target
from bayes_cevns.physics.theory import PARAMETERS
from bayes_cevns.rates import SCATTERER
from bayes_cevns.sources import Source, source
from bayes_cevns.sources.flux_file import is_flux_file
from bayes_cevns.storage.resources import bibliography, data_dir, data_file, models_dir, sha256
from bayes_cevns.tables.shape_axes import ShapeAxis

type Axes = tuple[ShapeAxis, ...]
#: Relative difference between a declared and the real end of a table that counts as rounding.
_SAME_END = 0.01

_SUFFIX = ".toml"


def experiment_names() -> tuple[str, ...]:
    """Return the names of all experiments that have a model card.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> "coherent_csi" in bc.experiment_names()
    True
    """
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

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> experiment = bc.experiment("xenonnt_cevns")
    >>> experiment.runs
    ('sr0', 'sr1', 'sr2')
    """
    text = fspath(name) if isinstance(name, str | PathLike) else None
    if not isinstance(text, str) or "\0" in text:
        raise ArgumentError(f"expected the name of an experiment or a path, got {shown(name)}")
    name = text
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
    table = _table_beside(file)
    loaded = load_experiment(file, table=table or _table_of_package(file))
    return replace(loaded, own=own_files(file, loaded, table))


def _table_beside(file: CardFile) -> Path | None:
    """Return the table of a card that lies beside it, if one does."""
    name = file.card.table
    beside = file.path.parent / name
    return beside if name and _is_file(beside) else None


def _table_of_package(file: CardFile) -> Path:
    """Return the table of the package that a card of a user names."""
    name = file.card.table
    if name and _is_file(data_dir() / name):
        return data_file(name)
    raise file.error(
        "table", f"{shown(name)} is no file, neither in {file.path.parent} nor of the package"
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long for the system
        return False


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
    ImpossibleDataError
        If there are events in a bin that no signal and no background reaches.

    Warns
    -----
    RangeWarning
        If a response ends although counts are lost beyond, and the card does not declare the
        range as meant.
    UnitWarning
        If a background agrees with the observed counts only in its other possible unit.
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
    backgrounds = tuple(_background(file, name, data, axes) for name in card.background)
    loaded = Experiment(
        name=file.name,
        card=with_expected(file, backgrounds),
        target=_target(file),
        exposure_tonne_year=data["exposure"],
        observed=observed_counts(file, data),
        signals=tuple(_signal(file, name, data, axes) for name in card.signal),
        backgrounds=backgrounds,
        likelihood=table_likelihood(file, data, backgrounds),
        data="none" if card.likelihood == "none" else "observed",
        table_sha256=sha256(table),
        edges_kev=energy_edges(data),
        edges=bin_edges(data),
        origin={"name": _name_of(file)},
    )
    _check_nuisances(file, loaded)
    if loaded.data != "none":
        check_reached(loaded)
    loaded.warn_of_ends()
    warn_of_units(
        loaded, {name: data[part.template].attrs["units"] for name, part in card.background.items()}
    )
    return loaded


def _name_of(file: CardFile) -> str:
    """Return what `experiment` takes for a card: its name, or the path of a user's card."""
    own = file.path.parent.resolve() == models_dir().resolve()
    return file.name if own else str(file.path.resolve())


def _check_references(file: CardFile) -> None:
    for key in file.card.cite:
        if key not in bibliography():
            raise file.error("cite", f"{key!r} has no entry in {models_dir() / 'references.bib'}")
    for key, names in (("overlaps", file.card.overlaps), ("conflicts", file.card.conflicts)):
        for name in names:
            _check_other(file, key, name)


def _check_other(file: CardFile, key: str, name: str) -> None:
    """Check that another experiment, which a key of the card names, exists."""
    if name == file.name:
        raise file.error(key, f"{name!r} is this experiment itself: take it away")
    if name not in experiment_names() and not (file.path.parent / f"{name}{_SUFFIX}").is_file():
        raise file.error(
            key, f"{name!r} is no experiment, and there is no card of this name beside it"
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
    """Return the object that a key names, with an error of the card if there is none."""
    try:
        return find()
    except (UnknownNameError, ArgumentError) as error:
        raise file.error(key, str(error)) from None


def _source(file: CardFile, name: str) -> Source:
    """Return a source by its name, or that of a CSV file beside the card."""
    if is_flux_file(name):
        return source(file.path.parent / name)
    return source(name, latitude_deg=file.card.latitude_deg)


def _target(file: CardFile) -> Target:
    found = _named(file, "target", lambda: target(file.card.target))
    for name, entry in file.card.signal.items():
        if entry.channel != "migdal":
            continue
        known = migdal_elements()
        missing = {isotope.symbol for isotope in found.isotopes} - set(known)
        if missing:
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
    if len(energies) == 1 and energies[0] != RECOIL_ENERGY:
        # Of this name there may be energies along a dimension of another name.
        values = values.drop_vars(RECOIL_ENERGY, errors="ignore")
        values = values.rename({energies[0]: RECOIL_ENERGY})
    values, own = _in_order(file, key, values, axes, RECOIL_ENERGY)
    check_unit(file, f"{key}.template", values, ["1"])
    check_response(file, f"{key}.template", values, RECOIL_ENERGY)
    _check_recoil_range(file, key, entry.recoil_range_kev, values[RECOIL_ENERGY].values)
    theory = [axis for axis in axes if file.card.nuisance[axis.name].theory]
    scatterer = SCATTERER[entry.channel]
    return Signal(
        name,
        entry.scaled_by,
        _exposed(file, f"{key}.template", values * entry.factor, data["exposure"]),
        own,
        channel=entry.channel,
        source=_named(file, f"{key}.source", lambda: _source(file, entry.source)),
        theory_axes=tuple(a for a in theory if scatterer in PARAMETERS[a.name].scatters_on),
    )


def _check_recoil_range(
    file: CardFile, key: str, declared: tuple[float, float] | None, energies_kev: Array
) -> None:
    """Check that a response ends where its card says that it does."""
    ends = energies_kev[[0, -1]]
    if declared is not None and not np.allclose(declared, ends, rtol=_SAME_END):
        raise file.error(
            f"{key}.recoil_range_kev",
            f"declares {declared[0]:g} to {declared[1]:g} keV, where the response is tabulated "
            f"from {ends[0]:.4g} to {ends[1]:.4g} keV: mend the one or the other",
        )


def _background(file: CardFile, name: str, data: xr.Dataset, axes: Axes) -> Template:
    key, entry = f"background.{name}", file.card.background[name]
    values = _variable(file, key, entry.template, data)
    values, own = _in_order(file, key, values, axes)
    unit = check_unit(file, f"{key}.template", values, list(BACKGROUND_UNITS))
    if not values.values.any():
        raise file.data_error(f"{key}.template", f"{values.name!r} is zero in all runs of the card")
    exposure = data["exposure"] if BACKGROUND_UNITS[unit] else xr.ones_like(data["exposure"])
    counts = _exposed(file, f"{key}.template", values * entry.factor, exposure)
    scale = prod(file.card.nuisance[scale].nominal for scale in entry.scaled_by)
    _check_size(file, f"{key}.template", values.name, float(counts.max()) * scale)
    return Template(name, entry.scaled_by, counts, own)


def _exposed(
    file: CardFile, key: str, values: xr.DataArray, exposure: xr.DataArray
) -> xr.DataArray:
    """Return values times exposure, with an error if they become too large to be numbers."""
    with np.errstate(over="ignore"):
        product = values * exposure
    _check_size(file, key, values.name, float(product.max()))
    return product


def _check_size(file: CardFile, key: str, name: object, largest: float) -> None:
    if not largest <= LARGEST:
        raise file.data_error(
            key,
            f"{name!r} times exposure and scales is up to {largest:.3g}, expected a number of at "
            f"most {LARGEST:g}",
        )


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
