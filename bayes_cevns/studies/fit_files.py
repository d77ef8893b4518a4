"""Fits in the folder of a run: checkpoints while it goes, the posterior when it is done."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.errors import OutputError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.fit import Fit
from bayes_cevns.storage.folder import POSTERIOR_FILE, RunFolder
from bayes_cevns.storage.record import COMPLETE
from bayes_cevns.storage.seal import read_sealed
from bayes_cevns.storage.values import plain, rebuilt

_GROUPS = ("posterior", "sample_stats", "quality")


class RunDirectory(RunFolder):
    """The folder of a run of fits; see `bayes_cevns.storage.folder.RunFolder`."""

    def save_point(self, number: int, fit: Fit) -> None:
        """Keep one finished fit, so that no later accident can lose it.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        arrays: dict[str, Any] = {}
        dims: dict[str, Any] = {}
        for group in _GROUPS:
            for name, variable in getattr(fit, group).variables.items():
                key = f"{group}/{name}"
                values = variable.values
                arrays[key] = values.astype(str) if values.dtype == object else values
                dims[key] = list(map(str, variable.dims))
        self.keep(number, {"dims": dims, "prior": plain(fit.prior)}, arrays)

    def load_point(self, number: int) -> Fit | None:
        """Return a fit that an earlier, interrupted run has finished, if it is intact."""
        point = self.kept(number)
        if point is None:
            return None
        groups: dict[str, dict[str, Any]] = {group: {} for group in _GROUPS}
        for key, dims in point.content["dims"].items():
            group, name = key.split("/", 1)
            groups[group][name] = (tuple(dims), point.arrays[key])
        prior = rebuilt(CouplingPrior | None, point.content["prior"])
        return Fit(prior, *(xr.Dataset(groups[group]) for group in _GROUPS))

    def load_complete(self) -> list[Fit] | None:
        """Return the fits of a complete run, without their priors; ``None`` if it is not.

        Raises
        ------
        OutputError
            If the posterior of a complete run is missing or was altered.
        """
        found = self._load_groups([""])
        if found is None:
            return None
        (groups,) = found
        if "mass" not in groups["quality"].sizes:
            return [Fit(None, *(groups[name] for name in _GROUPS))]
        number = groups["quality"].sizes["mass"]
        return [
            _without_absent(Fit(None, *(groups[name].isel(mass=i, drop=True) for name in _GROUPS)))
            for i in range(number)
        ]

    def load_fits(self, names: Sequence[str]) -> list[Fit] | None:
        """Return the fits of a complete run that `fits_tree` made; ``None`` if it is not.

        Raises
        ------
        OutputError
            If the posterior of a complete run is missing or was altered.
        """
        found = self._load_groups([f"{name}/" for name in names])
        if found is None:
            return None
        return [Fit(None, *(groups[name] for name in _GROUPS)) for groups in found]

    def _load_groups(self, prefixes: Sequence[str]) -> list[dict[str, xr.Dataset]] | None:
        """Return the groups of the posterior below each of some places in its tree."""
        if self.status != COMPLETE:
            return None
        sealed = self.sealed_posterior()
        if sealed is None:
            raise OutputError(
                f"{self.path / POSTERIOR_FILE} is missing, or was altered or damaged: restore it, "
                f"or remove {self.path}"
            )
        if not sealed.complete:
            return None  # the record was edited, or restored
        with xr.open_datatree(io.BytesIO(sealed.content), engine="h5netcdf") as tree:
            return [
                {name: tree[prefix + name].to_dataset().load() for name in _GROUPS}
                for prefix in prefixes
            ]

    def finish(
        self, tree: xr.DataTree | None, *, complete: bool, report: Mapping[str, Any]
    ) -> None:
        """Write the posterior and the final record; drop the checkpoints of a complete run.

        Raises
        ------
        OutputError
            If they cannot be written.
        """
        try:
            # By way of memory: HDF5 that runs out of disk takes the process down with it.
            content = None if tree is None else bytes(tree.to_netcdf(engine="h5netcdf"))
        except OSError as error:
            raise OutputError(f"cannot write to {self.path}: {error.strerror or error}") from None
        self.finish_with(content, complete=complete, report=report)


def run_directory(
    out: Path | str | None,
    request: Mapping[str, Any],
    *,
    parts: Mapping[str, Mapping[str, Any]] | None = None,
) -> AbstractContextManager[RunDirectory | None]:
    """Return the claimed folder of a run, for a ``with`` block; of ``None`` if there is none.

    Parameters
    ----------
    out, request, parts
        As in `RunDirectory`.
    """
    return nullcontext() if out is None else RunDirectory(out, request, parts=parts)


def join_fits(
    masses_mev: list[float], fits: list[Fit], experiments: Sequence[Experiment]
) -> xr.DataTree:
    """Put the fits of a scan into one tree with a mass dimension.

    Returns
    -------
    DataTree
        Groups posterior, sample_stats and quality, dims (mass, branch, chain, draw, ...),
        and observed_data. Where a mass has fewer branches than another, its last ones are absent:
        zero attempts, weight 0, draws that are not a number.
    """
    index = xr.Variable("mass", masses_mev, {"units": "MeV"})
    most = max(fit.quality.sizes["branch"] for fit in fits)
    groups = {}
    for group in _GROUPS:
        parts = [_padded(_plain(getattr(fit, group)), most) for fit in fits]
        groups[group] = xr.concat(parts, dim=index, join="exact", combine_attrs="drop")
    return xr.DataTree.from_dict({**groups, "observed_data": _observed(experiments)})


#: What an absent branch has: by the kind of the variable (zero elsewhere), and of itself.
_ABSENT_OF_KIND = {"f": np.nan, "U": ""}
_ABSENT = {"weight": 0.0, "passed": True}


def _padded(data: xr.Dataset, branches: int) -> xr.Dataset:
    """Return a dataset with absent branches behind its own, so that there are so many."""
    missing = branches - data.sizes["branch"]
    if missing == 0:
        return data
    absent = data.isel(branch=[0] * missing)
    for name, variable in absent.data_vars.items():
        nothing = _ABSENT.get(str(name), _ABSENT_OF_KIND.get(variable.dtype.kind, 0))
        absent[name] = xr.full_like(variable, nothing)
    return xr.concat([data, absent], dim="branch", join="exact", data_vars="minimal")


def _without_absent(fit: Fit) -> Fit:
    """Return a fit without the branches that `join_fits` has added."""
    present = np.flatnonzero(fit.quality["attempts"].values > 0)
    return Fit(fit.prior, *(getattr(fit, name).isel(branch=present) for name in _GROUPS))


def fit_tree(fit: Fit, experiments: Sequence[Experiment]) -> xr.DataTree:
    """Put one fit into a tree, dims (branch, chain, draw, ...)."""
    groups = {group: _plain(getattr(fit, group)) for group in _GROUPS}
    return xr.DataTree.from_dict({**groups, "observed_data": _observed(experiments)})


def fits_tree(fits: Mapping[str, Fit], experiments: Sequence[Experiment]) -> xr.DataTree:
    """Put several fits to the same data into one tree, each below its name, "" at the root."""
    trees = {
        f"{name}/{group}": _plain(getattr(fit, group))
        for name, fit in fits.items()
        for group in _GROUPS
    }
    return xr.DataTree.from_dict({**trees, "observed_data": _observed(experiments)})


def _plain(data: xr.Dataset) -> xr.Dataset:
    """Return a dataset that netCDF can hold: texts as strings, no attributes of samplers."""
    texts = {k: v.astype(str) for k, v in data.variables.items() if v.dtype == object}
    return (
        data.assign({k: v for k, v in texts.items() if k not in data.coords})
        .assign_coords({k: v for k, v in texts.items() if k in data.coords})
        .drop_attrs(deep=False)
    )


def _observed(experiments: Sequence[Experiment]) -> xr.Dataset:
    counts = {}
    for e in experiments:
        names = {"run": f"{e.name}.run", "bin": f"{e.name}.bin"}
        counts[f"{e.name}.counts"] = e.observed.reset_coords(drop=True).rename(names)
    return xr.Dataset(counts)


def read_posterior(path: Path, record: Mapping[str, Any]) -> dict[str, xr.Dataset]:
    """Read the groups of the posterior of a complete run, without claiming its folder.

    Parameters
    ----------
    path
        The folder.
    record
        What `read_run` returns for it.

    Raises
    ------
    OutputError
        If the posterior is missing, was altered, or is of another run.
    """
    file = path / POSTERIOR_FILE
    try:
        sealed = read_sealed(file)
    except OSError as error:
        raise OutputError(f"{file} cannot be read ({error}): sample again") from None
    if sealed is None:
        raise OutputError(f"{file} was altered or damaged: sample again")
    if sealed.identity != record["identity"] or not sealed.complete:
        raise OutputError(f"{file} is not the posterior of the run in {path}: sample again")
    with xr.open_datatree(io.BytesIO(sealed.content), engine="h5netcdf") as tree:
        return {name: tree[name].to_dataset().load() for name in tree.children}
