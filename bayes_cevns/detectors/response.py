"""Response matrices: the probability that a recoil is observed in each bin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.detectors.checks import energies, positive
from bayes_cevns.detectors.quenching import Quenching
from bayes_cevns.detectors.resolution import Resolution, bin_edges
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, TableError
from bayes_cevns.physics.foreign import checked_array, code_of, read_only
from bayes_cevns.tables.quadrature import RecoilQuadrature
from bayes_cevns.tables.shape_axes import ShapeAxis

if TYPE_CHECKING:
    import xarray as xr

type Curve = Callable[[Array], Array]

_SUB_BINS = 16


@dataclass(frozen=True, eq=False, repr=False)
class DetectorResponse(Displayed):
    """A detector at fixed nuisances: from a recoil energy to bins of an observed signal.

    A recoil T is seen as E_ee(T), makes the mean signal gain x E_ee, is smeared by the
    resolution and accepted by the efficiency.

    Attributes
    ----------
    edges
        Bin edges of the observed signal, increasing, shape (bins + 1,).
    quenching
        Electron-equivalent energy of a recoil; `ConstantQuenching(1)` for electronic recoils, and
        for spectra in detected energy such as those of the Migdal effect.
    gain
        Mean signal per electron-equivalent keV, such as 13.35 photoelectrons; 1 where the signal
        is the energy.
    resolution
        Smearing of the signal, or ``None`` for none.
    efficiency
        Efficiency as a function of the observed signal.
    acceptance
        Efficiency as a function of the recoil energy in keV.
    sub_bins
        Parts of a bin in which `efficiency` is taken as constant.
    """

    edges: Array
    quenching: Quenching
    gain: float = 1.0
    resolution: Resolution | None = None
    efficiency: Curve | None = None
    acceptance: Curve | None = None
    sub_bins: int = _SUB_BINS

    def __post_init__(self) -> None:
        bounds = np.array(bin_edges(self.edges))
        bounds.flags.writeable = False
        object.__setattr__(self, "edges", bounds)
        positive(self.gain, "the gain of a detector")
        if self.sub_bins < 1:
            raise ArgumentError(f"a bin has one part or more, got {self.sub_bins}")

    def matrix(self, recoil_energy_kev: ArrayLike) -> Array:
        """Return the probability of each bin, shape (*recoil_energy.shape, bins).

        Parameters
        ----------
        recoil_energy_kev
            Recoil energies in keV, >= 0.

        Returns
        -------
        ndarray
            The sum over bins that hold all signals is the efficiency.

        Raises
        ------
        ArgumentError, TableError
            As the parts of the detector; or if an efficiency is not between 0 and 1.

        Notes
        -----
        The probability of a bin is that of its parts, each exact by the cumulative distribution,
        times the efficiency at the middle of the part. Without resolution the efficiency is
        that of the mean signal itself.
        """
        recoil = energies(recoil_energy_kev, "recoil energies in keV")
        mean = self.gain * self._seen_kev(recoil)
        if self.resolution is None:
            inside = (mean[..., None] >= self.edges[:-1]) & (mean[..., None] < self.edges[1:])
            bins = inside.astype(float)
            if self.efficiency is not None:
                # Signals outside all bins may be outside the efficiency's table.
                seen = np.any(inside, axis=-1)
                asked = np.where(seen, mean, 0.5 * (self.edges[0] + self.edges[1]))
                bins = bins * _probability(self.efficiency, asked)[..., None]
        else:
            bins = self._smeared(self.resolution, mean)
        if self.acceptance is not None:
            bins = bins * _probability(self.acceptance, recoil)[..., None]
        return bins

    def _seen_kev(self, recoil_energy_kev: Array) -> Array:
        """Return what the quenching, perhaps one of a user, makes of recoil energies."""
        who = f"quenching {type(self.quenching).__name__}"
        with code_of(who):
            seen = self.quenching.electron_equivalent_kev(read_only(recoil_energy_kev))
        return checked_array(who, seen, (recoil_energy_kev.shape,))

    def _smeared(self, resolution: Resolution, mean: Array) -> Array:
        if self.efficiency is None:
            return resolution.bin_probabilities(mean, self.edges)
        steps = np.arange(self.sub_bins) / self.sub_bins
        parts = self.edges[:-1, None] + np.diff(self.edges)[:, None] * steps
        fine = np.append(parts.ravel(), self.edges[-1])
        middle = 0.5 * (fine[:-1] + fine[1:])
        detected = resolution.bin_probabilities(mean, fine) * _probability(self.efficiency, middle)
        shape = (*mean.shape, self.edges.size - 1, self.sub_bins)
        return np.asarray(detected.reshape(shape).sum(axis=-1))


@dataclass(frozen=True, eq=False, repr=False)
class ResponseTable(Displayed):
    """A response at the nodes of recoil energy and of shape nuisances.

    Attributes
    ----------
    recoil_energy_kev
        Recoil energies, increasing, > 0, shape (n,).
    axes
        Shape nuisances, such as the strength of the quenching.
    values
        Probabilities, shape (n, *nodes of the axes, bins): the layout of the tables in ``data/``.
    """

    recoil_energy_kev: Array
    axes: tuple[ShapeAxis, ...]
    values: Array

    def __post_init__(self) -> None:
        expected = (self.recoil_energy_kev.size, *(len(axis.nodes) for axis in self.axes))
        if self.values.shape[:-1] != expected:
            raise TableError(
                f"a response of shape {self.values.shape} does not fit its energies and axes, "
                f"expected {(*expected, 'bins')}"
            )

    def counts(self, rate: Callable[[Array], Array]) -> Array:
        """Return expected events per tonne year at the nodes, shape (..., *nodes, bins).

        Parameters
        ----------
        rate
            dR/dT in 1/(t yr keV) as a function of recoil energies in keV, (q,) -> (..., q), such
            as the components of a rate.

        Notes
        -----
        The response is continued between its energies by cubic splines and ends with them
        (`RecoilQuadrature`): the energies must be dense where it changes, and hold all recoils.
        """
        quadrature = RecoilQuadrature.on_nodes(self.recoil_energy_kev)
        weights = quadrature.weights(rate(quadrature.points_kev))
        return np.asarray(np.tensordot(weights, self.values, axes=1))

    def to_data_array(self) -> xr.DataArray:
        """Return the response with named dims (recoil_energy, *axes, bin) and the unit 1."""
        import xarray as xr

        coordinates: dict[str, Array] = {"recoil_energy": self.recoil_energy_kev}
        coordinates |= {axis.name: np.asarray(axis.nodes) for axis in self.axes}
        numbers = {"bin": np.arange(self.values.shape[-1])}
        attributes = {"units": "1", "long_name": "probability to detect a recoil in a bin"}
        dims = (*coordinates, "bin")
        found = xr.DataArray(self.values, {**coordinates, **numbers}, dims, attrs=attributes)
        found["recoil_energy"].attrs["units"] = "keV"
        return found


def response_table(
    recoil_energy_kev: ArrayLike,
    detector: Callable[[Mapping[str, float]], DetectorResponse],
    axes: Sequence[ShapeAxis] = (),
) -> ResponseTable:
    """Tabulate a detector whose parts depend on nuisances.

    Parameters
    ----------
    recoil_energy_kev
        Recoil energies in keV, > 0 and increasing, shape (n,).
    detector
        Returns the detector for values of the nuisances, by name.
    axes
        The nuisances with the values to tabulate.

    Returns
    -------
    ResponseTable
        Shape (n, *nodes of the axes, bins).

    Raises
    ------
    ArgumentError, TableError
        As `DetectorResponse.matrix`; or if energies do not increase from above 0.

    Examples
    --------
    Lindhard's k as a nuisance of a germanium detector with sharp bins:

    >>> import numpy as np
    >>> from bayes_cevns.detectors import DetectorResponse, Lindhard, response_table
    >>> from bayes_cevns.tables.shape_axes import ShapeAxis
    >>> edges = np.linspace(0.2, 1.5, 131)
    >>> table = response_table(
    ...     np.linspace(0.1, 8.0, 80),
    ...     lambda at: DetectorResponse(edges, Lindhard(32, 72.6, k=at["k"])),
    ...     [ShapeAxis("k", (0.14, 0.15, 0.16, 0.17))],
    ... )
    >>> table.values.shape
    (80, 4, 130)
    """
    recoil = energies(recoil_energy_kev, "recoil energies in keV")
    if recoil.ndim != 1 or recoil.size < 1 or recoil[0] <= 0 or np.any(np.diff(recoil) <= 0):
        raise ArgumentError("recoil energies of a response must be a vector, > 0 and increasing")
    names = [axis.name for axis in axes]
    points = product(*(axis.nodes for axis in axes))
    tables = [detector(dict(zip(names, at, strict=True))).matrix(recoil) for at in points]
    if len({table.shape for table in tables}) > 1:
        raise TableError("the number of bins must not depend on the nuisances")
    shape = (recoil.size, *(len(axis.nodes) for axis in axes), tables[0].shape[-1])
    values = np.stack(tables, axis=1).reshape(shape)
    return ResponseTable(recoil, tuple(axes), values)


def _probability(efficiency: Curve, at: Array) -> Array:
    who = f"efficiency {getattr(efficiency, '__name__', type(efficiency).__name__)}"
    with code_of(who):
        returned = efficiency(read_only(at))
    values = checked_array(who, returned, (at.shape, ()))
    if not np.all((values >= 0) & (values <= 1 + 1e-12)):
        raise ArgumentError("an efficiency must be between 0 and 1")
    return values
