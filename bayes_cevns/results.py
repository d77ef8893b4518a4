"""A run on disk: checkpoints while it goes, whole files when it is done, and its provenance."""

from __future__ import annotations

import hashlib
import json
import platform
import tomllib
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import tomlkit
import xarray as xr

from bayes_cevns import __version__, atomic
from bayes_cevns.errors import DataError, OutputError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.fit import Fit
from bayes_cevns.priors import CouplingPrior
from bayes_cevns.resources import CHECKSUMS, data_dir, recorded_checksums, sha256

RUN_FILE = "run.toml"
POSTERIOR_FILE = "posterior.nc"
_POINTS = "points"
_GROUPS = ("posterior", "sample_stats", "quality")
_DIGEST = "posterior_sha256"

#: What NumPy, zip and HDF5 raise on damaged files.
_DAMAGE = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
_PACKAGES = (
    *("pymc", "pytensor", "nutpie", "iminuit", "numba", "arviz", "numpy", "scipy", "xarray"),
)


class RunDirectory:
    """A folder with the results of one request and of no other.

    Parameters
    ----------
    path
        The folder; made if it does not exist.
    request
        Everything that was asked for, as TOML values; it decides whether a folder holds this
        run, which then goes on where it stopped, or another one.

    Raises
    ------
    OutputError
        If the folder cannot be written, holds another run, or holds anything else.
    """

    def __init__(self, path: Path | str, request: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self.request = dict(request)
        self.identity = identity(self.request)
        self._claim()

    def _claim(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # A run that was killed leaves temporary files; they do not make a folder foreign.
            entries = [e.name for e in self.path.iterdir() if not atomic.is_temporary(e)]
        except OSError as error:
            raise OutputError(f"cannot write to {self.path}: {error.strerror or error}") from None
        run = self.path / RUN_FILE
        if not run.exists():
            if entries:
                raise OutputError(
                    f"{self.path} is not empty and holds no run (found {sorted(entries)[0]!r}): "
                    "choose another --out"
                )
            self._remove_temporaries()
            self._write_run("running")
            return
        try:
            record = read_run(self.path)
            found, _ = record["identity"], record["status"]
        except (DataError, KeyError):
            raise OutputError(
                f"{run} cannot be read: choose another --out, or remove {self.path}"
            ) from None
        if found != self.identity:
            raise OutputError(
                f"{self.path} holds the results of another run: choose another --out, "
                f"or remove it (see {run})"
            )
        self._remove_temporaries()

    def _remove_temporaries(self) -> None:
        with self._writing():
            for folder in (self.path, self.path / _POINTS):
                atomic.remove_temporaries(folder)

    @property
    def status(self) -> str:
        """``"running"``, ``"interrupted"`` or ``"complete"``."""
        return str(read_run(self.path)["status"])

    def save_point(self, number: int, fit: Fit) -> None:
        """Keep one finished fit, so that no later accident can lose it."""
        arrays: dict[str, Any] = {}
        dims: dict[str, Any] = {}
        for group in _GROUPS:
            for name, variable in getattr(fit, group).variables.items():
                key = f"{group}/{name}"
                values = variable.values
                arrays[key] = values.astype(str) if values.dtype == object else values
                dims[key] = list(map(str, variable.dims))
        header = {
            "identity": self.identity,
            "number": number,
            "dims": dims,
            "prior": _prior_fields(fit.prior),
        }
        with self._writing():
            folder = self.path / _POINTS
            folder.mkdir(exist_ok=True)
            with atomic.path(folder / f"{number:04d}.npz") as temporary:
                np.savez(temporary, header=np.array(json.dumps(header)), **arrays)

    def load_point(self, number: int) -> Fit | None:
        """Return a fit that an earlier, interrupted run has finished, if it is intact."""
        path = self.path / _POINTS / f"{number:04d}.npz"
        if not path.is_file():
            return None
        try:
            # NumPy itself leaves the file open when it is no zip archive.
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                header = json.loads(str(stored["header"]))
                if (header["identity"], header["number"]) != (self.identity, number):
                    return None
                variables = {key: stored[key] for key in header["dims"]}
        except (*_DAMAGE, KeyError, TypeError, AttributeError):  # of files that are not ours
            return None
        groups: dict[str, dict[str, Any]] = {group: {} for group in _GROUPS}
        for key, values in variables.items():
            group, name = key.split("/", 1)
            groups[group][name] = (tuple(header["dims"][key]), values)
        prior = None if header["prior"] is None else CouplingPrior.of_record(header["prior"])
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
        record = read_run(self.path)
        if record["status"] != "complete":
            return None
        path = self.path / POSTERIOR_FILE
        try:
            # Before it is opened: HDF5 reads damaged files without complaint, or for ever.
            if sha256(path) != record.get(_DIGEST):
                raise OutputError(f"{path} was altered or damaged: remove {self.path}")
            with xr.open_datatree(path, engine="h5netcdf") as tree:
                return [
                    {name: tree[prefix + name].to_dataset().load() for name in _GROUPS}
                    for prefix in prefixes
                ]
        except (*_DAMAGE, KeyError) as error:
            raise OutputError(f"{path} cannot be read ({error}): remove {self.path}") from None

    def write(self, name: str, text: str) -> None:
        """Write a text file of the run, whole or not at all."""
        with self._writing():
            atomic.write_text(self.path / name, text)

    def finish(
        self, tree: xr.DataTree | None, *, complete: bool, report: Mapping[str, Any]
    ) -> None:
        """Write the posterior and the final record; drop the checkpoints of a complete run."""
        with self._writing():
            posterior = self.path / POSTERIOR_FILE
            if tree is not None:
                # By way of memory: HDF5 that runs out of disk takes the process down with it.
                atomic.write_bytes(posterior, tree.to_netcdf(engine="h5netcdf"))
            self._write_run(
                "complete" if complete else "interrupted",
                report,
                digest=sha256(posterior) if posterior.is_file() else None,
            )
            if complete:
                for point in (self.path / _POINTS).glob("*.npz"):
                    point.unlink()
                if (self.path / _POINTS).is_dir():
                    (self.path / _POINTS).rmdir()

    def _write_run(
        self, status: str, report: Mapping[str, Any] | None = None, digest: str | None = None
    ) -> None:
        record = {
            "identity": self.identity,
            "status": status,
            **({} if digest is None else {_DIGEST: digest}),
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "request": self.request,
            "report": dict(report or {}),
            "data": _used_checksums(),
            "versions": {
                "bayes_cevns": __version__,
                "python": platform.python_version(),
                **{name: version(name) for name in _PACKAGES},
            },
        }
        with self._writing():
            atomic.write_text(self.path / RUN_FILE, tomlkit.dumps(record))

    def _writing(self) -> _OutputErrors:
        return _OutputErrors(self.path)


class _OutputErrors:
    """Turns an `OSError` into an `OutputError` that names the folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise OutputError(f"cannot write to {self.path}: {error.strerror or error}") from None


def identity(request: Mapping[str, Any]) -> str:
    """Return a digest of a request, of the data behind it and of the package's version."""
    content = {"request": request, "data": _used_checksums(), "version": __version__}
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


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


def read_run(path: Path) -> dict[str, Any]:
    """Read the record of a run.

    Raises
    ------
    DataError
        If there is none, or it cannot be read.
    """
    try:
        return tomllib.loads((path / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path} holds no readable {RUN_FILE}: {error}") from None


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
        If the posterior is missing or was altered.
    """
    file = path / POSTERIOR_FILE
    try:
        if sha256(file) != record.get(_DIGEST):
            raise OutputError(f"{file} was altered or damaged: sample again")
        with xr.open_datatree(file, engine="h5netcdf") as tree:
            return {name: tree[name].to_dataset().load() for name in tree.children}
    except _DAMAGE as error:
        raise OutputError(f"{file} cannot be read ({error}): sample again") from None


def _used_checksums() -> dict[str, str]:
    """Return the digests of the data files, those of texts about them left out."""
    listed = recorded_checksums(data_dir())
    return {k: v for k, v in listed.items() if k != CHECKSUMS and not k.endswith("REFERENCE")}


def _prior_fields(prior: CouplingPrior | None) -> dict[str, Any] | None:
    return None if prior is None else prior.record()
