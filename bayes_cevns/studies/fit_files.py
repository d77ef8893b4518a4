"""Fits in the folder of a run: a file each while it goes, ``posterior.nc`` when it is done.

``posterior.nc`` has what ArviZ expects: ``posterior``, in which the draws of all branches are
joined by their weights, dims (chain, draw, ...), with the coordinate ``branch``; ``observed_data``;
for a single fit ``log_likelihood`` and ``prior``. The draws as they were sampled, branch by branch,
with their statistics, are in ``branches``, dims (branch, chain, draw, ...), of which limits and
bands are made. A scan has the dim ``mass`` in all of them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.errors import OutputError
from bayes_cevns.storage.kept_run import POSTERIOR_FILE, KeptRun
from bayes_cevns.storage.netcdf import to_bytes
from bayes_cevns.storage.values import plain, rebuilt
from bayes_cevns.studies.arviz_groups import observed_counts
from bayes_cevns.studies.stores import Store, is_complete
from bayes_cevns.summary.fit import Fit

_GROUPS = ("posterior", "sample_stats", "quality")
BRANCHES = "branches"

#: Attribute of ``posterior.nc`` with priors and notes of its fits, as JSON.
_SAID = "fits"


class FitStore(Store[Fit]):
    """Fits, either one for each mass, or one for each name.

    Parameters
    ----------
    folder
        The folder of the run.
    experiments
        Whose counts are ``observed_data``.
    masses_mev
        Masses of a scan; ``None`` for fits by name.
    names
        Where each fit is in the tree: at its root, or below its name.
    attributes
        Returns what ``posterior.nc`` says of itself, when it is written.
    variables
        Attributes of variables of the posterior, such as their units, by their names.
    more
        Returns groups beside those of the fits, when it is written, from the fits.
    """

    def __init__(
        self,
        folder: KeptRun | None,
        experiments: Sequence[Experiment],
        *,
        masses_mev: Sequence[float] | None = None,
        names: Sequence[str] = ("",),
        attributes: Callable[[], Mapping[str, Any]] = dict,
        variables: Mapping[str, Mapping[str, str]] = {},
        more: Callable[[Mapping[int, Fit]], Mapping[str, xr.Dataset]] = lambda _: {},
    ) -> None:
        super().__init__(folder)
        self.experiments, self.masses, self.names = experiments, masses_mev, tuple(names)
        self.attributes, self.variables, self.more = attributes, variables, more
        self._written = False
        if folder is not None:
            self._load(folder)

    def look(self, number: int) -> None:
        """Take the fits that are on disk."""
        for place in range(number):
            if self.folder is not None and place not in self.contents:
                found = _kept(self.folder, place)
                if found is not None:
                    self.contents[place] = found

    def write(self, number: int, content: Fit) -> None:
        """Write a fit into the folder."""
        if self.writable is not None:
            arrays: dict[str, Any] = {}
            dims: dict[str, Any] = {}
            for group in _GROUPS:
                for name, variable in getattr(content, group).variables.items():
                    key, values = f"{group}/{name}", variable.values
                    arrays[key] = values.astype(str) if values.dtype == object else values
                    dims[key] = list(map(str, variable.dims))
            self.writable.keep(number, {"dims": dims, **_said(content)}, arrays)

    def finish(self, *, complete: bool, report: Mapping[str, Any]) -> None:
        """Write the posterior, unless it is there, and the final record."""
        if self.writable is None:
            return
        content = None
        if self.contents and not self._written:
            try:
                # By way of memory: HDF5 that runs out of disk takes the process down with it.
                content = to_bytes(self.tree())
            except OSError as error:
                text = error.strerror or error
                raise OutputError(f"cannot write to {self.writable.path}: {text}") from None
        self.writable.finish_with(content, complete=complete, report=report)

    def tree(self) -> xr.DataTree:
        """Return the fits that are known as a tree, as ``posterior.nc`` holds it."""
        numbers = sorted(self.contents)
        fits = [self.contents[number] for number in numbers]
        groups: dict[str, xr.Dataset]
        if self.masses is not None:
            groups = _stacked([self.masses[number] for number in numbers], fits)
        else:
            groups = {
                _below(self.names[number], group): data
                for number, fit in zip(numbers, fits, strict=True)
                for group, data in _groups(fit).items()
            }
        groups |= self.more(self.contents)
        for name, group in groups.items():
            if name.rpartition("/")[2] in ("posterior", "prior") and BRANCHES not in name:
                for variable, attributes in self.variables.items():
                    if variable in group:
                        group[variable].attrs.update(attributes)
        observed = xr.Dataset({str(c.name): c for c in map(observed_counts, self.experiments)})
        tree = xr.DataTree.from_dict({**groups, "observed_data": observed})
        tree.attrs = {
            **self.attributes(),
            **self._range(),
            _SAID: json.dumps({number: _said(self.contents[number]) for number in numbers}),
        }
        return tree

    def _range(self) -> dict[str, str]:
        """Return the range of the prior of a single fit, in words."""
        if self.masses is not None or self.names != ("",):
            return {}
        prior = self.contents[0].prior or self.contents[0].box
        return {} if prior is None else {"prior_range": prior.range_text}

    def _load(self, folder: KeptRun) -> None:
        """Take the fits of a complete run, whatever its record says of it.

        Raises
        ------
        OutputError
            If the record calls it complete, and its posterior is missing or was altered.
        """
        sealed = folder.sealed_posterior()
        if sealed is None and is_complete(folder):
            raise OutputError(
                f"{folder.path / POSTERIOR_FILE} is missing, or was altered or damaged: "
                f"restore it, or remove {folder.path}"
            )
        if sealed is None or not sealed.complete:
            return
        said = json.loads(_read(sealed.content, "/").attrs[_SAID])
        if self.masses is None:
            for number, name in enumerate(self.names):
                own = [_read(sealed.content, _below(name, f"{BRANCHES}/{g}")) for g in _GROUPS]
                self.contents[number] = _fit(own, said[str(number)])
        else:
            stacked = [_read(sealed.content, f"{BRANCHES}/{g}") for g in _GROUPS]
            for number in range(len(self.masses)):
                own = [group.isel(mass=number, drop=True) for group in stacked]
                self.contents[number] = _without_absent(_fit(own, said[str(number)]))
        self._written = True


def _read(content: bytes, group: str) -> xr.Dataset:
    """Return one group of a netCDF file; the others are not looked at."""
    with xr.open_dataset(io.BytesIO(content), engine="h5netcdf", group=group) as data:
        return data.load()


def _kept(folder: KeptRun, number: int) -> Fit | None:
    """Return a fit that an earlier, interrupted run has finished, if it is intact."""
    point = folder.kept(number)
    if point is None:
        return None
    groups: dict[str, dict[str, Any]] = {group: {} for group in _GROUPS}
    for key, dims in point.content["dims"].items():
        group, name = key.split("/", 1)
        groups[group][name] = (tuple(dims), point.arrays[key])
    return _fit([xr.Dataset(groups[group]) for group in _GROUPS], point.content)


def _said(fit: Fit) -> dict[str, Any]:
    """Return what belongs to a fit besides its draws, as JSON has it."""
    return {"prior": plain(fit.prior), "box": plain(fit.box), "notes": plain(fit.notes)}


def _fit(groups: Sequence[xr.Dataset], said: Mapping[str, Any]) -> Fit:
    prior = rebuilt(CouplingPrior | None, said["prior"])
    box = rebuilt(BoxPrior | None, said["box"])
    return Fit(prior, *groups, box=box, notes=said["notes"])


def _below(name: str, group: str) -> str:
    return f"{name}/{group}" if name else group


def _groups(fit: Fit) -> dict[str, xr.Dataset]:
    """Return the groups of one fit."""
    by_branch = {f"{BRANCHES}/{group}": _storable(getattr(fit, group)) for group in _GROUPS}
    return {"posterior": _storable(fit.draws()), **by_branch}


def _stacked(masses_mev: Sequence[float], fits: Sequence[Fit]) -> dict[str, xr.Dataset]:
    """Return the groups of the fits of a scan, with a dim ``mass``.

    Where a mass has fewer branches than another, its last ones are absent: zero attempts, weight 0,
    draws that are not a number.
    """
    most = max(fit.quality.sizes["branch"] for fit in fits)
    by_branch = {g: [getattr(fit, g) for fit in fits] for g in _GROUPS}
    return {
        "posterior": _by_mass(masses_mev, [fit.draws() for fit in fits]),
        **{f"{BRANCHES}/{g}": _by_mass(masses_mev, by_branch[g], branches=most) for g in _GROUPS},
    }


def _by_mass(
    masses_mev: Sequence[float], parts: Sequence[xr.Dataset], *, branches: int = 0
) -> xr.Dataset:
    """Join datasets of the same variables along ``mass``, each with so many branches at least.

    A coordinate that is the same for all masses stays as it is. This takes a tenth of the time of
    `xarray.concat`, which allows for much that these datasets do not have.
    """
    first = parts[0]
    found: dict[str, Any] = {}
    for name, variable in first.variables.items():
        columns = [part.variables[name] for part in parts]
        if name in first.coords and all(_alike(column, variable) for column in columns):
            found[str(name)] = _storable_variable(variable)
        else:
            values = [_padded(str(name), _storable_variable(c), branches) for c in columns]
            found[str(name)] = xr.Variable(("mass", *variable.dims), np.stack(values))
    index = xr.Variable("mass", list(masses_mev), {"units": "MeV"})
    coords = {str(name): found.pop(str(name)) for name in first.coords}
    return xr.Dataset(found, coords={"mass": index, **coords})


def _alike(one: xr.Variable, other: xr.Variable) -> bool:
    return one.dims == other.dims and np.array_equal(one.values, other.values)


#: What an absent branch has: by the kind of the variable (zero elsewhere), and of itself.
_ABSENT_OF_KIND = {"f": np.nan, "U": ""}
_ABSENT = {"weight": 0.0, "passed": True}


def _padded(name: str, variable: xr.Variable, branches: int) -> NDArray[Any]:
    """Return values with absent branches behind their own, so that there are so many."""
    values = np.asarray(variable.values)
    missing = branches - variable.sizes.get("branch", branches)
    if missing <= 0:
        return values
    axis = variable.dims.index("branch")
    shape = (*values.shape[:axis], missing, *values.shape[axis + 1 :])
    nothing = _ABSENT.get(name, _ABSENT_OF_KIND.get(values.dtype.kind, 0))
    return np.concatenate([values, np.full(shape, nothing, values.dtype)], axis=axis)


def _without_absent(fit: Fit) -> Fit:
    """Return a fit without the branches that `_stacked` has added."""
    present = int((fit.quality["attempts"].values > 0).sum())  # absent ones are the last
    if present == fit.quality.sizes["branch"]:
        return fit
    groups = (getattr(fit, name).isel(branch=slice(present)) for name in _GROUPS)
    return Fit(fit.prior, *groups, box=fit.box, notes=fit.notes)


def _storable(data: xr.Dataset) -> xr.Dataset:
    """Return a dataset that netCDF can hold: texts as strings, no attributes of samplers."""
    found = {str(name): _storable_variable(v) for name, v in data.variables.items()}
    coords = {str(name): found.pop(str(name)) for name in data.coords}
    return xr.Dataset(found, coords=coords)


def _storable_variable(variable: xr.Variable) -> xr.Variable:
    return variable.astype(str) if variable.dtype == object else variable
