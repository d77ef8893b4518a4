"""NUTS by nutpie, of models that are functions by address: the only module that knows nutpie.

The sampler is in the extension module of nutpie, written in Rust. Its Python part compiles models
of PyMC and turns draws into those of ArviZ, for which it imports both, Matplotlib and Bokeh: two
seconds, for nothing that is needed here. The extension module is therefore loaded by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import xarray as xr
from numpy.typing import NDArray

from bayes_cevns.arrays import Array
from bayes_cevns.density.machine_code import loaded
from bayes_cevns.density.names import COPY
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.inference.target import Evaluated

#: Statistics of the sampler -> their names here.
_STATS = {
    "diverging": "diverging",
    "energy": "energy",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "logp": "lp",
}

#: Doublings of a trajectory, where a density is close to standard normal.
_SHORT = 2

#: Where it is not, so many times fewer proposals are rejected: near bounds others diverge.
_FEWER = 0.25

#: The names of a point in the trace, and of its dimension.
_POINT, _PLACE = "point", "parameter"


def begin_points(
    model: Evaluated,
    settings: SamplerSettings,
    *,
    seed: int,
    start: Callable[[int], Array],
    longer: int = 1,
    straight: bool = False,
) -> Running:
    """Begin to sample a model, in threads of the sampler's own.

    Parameters
    ----------
    model
        The model.
    settings
        How to sample.
    seed
        Seed of the random numbers.
    start
        A seed -> where a chain begins, shape (parameters,).
    longer
        So many times the warm-up and draws of the settings, and as many times fewer rejections.
    straight
        Whether the density is close to standard normal (`bayes_cevns.density.chart`). Three steps
        are then a quarter of a turn or more, after which a draw is almost independent; they are the
        most that are taken, unless it is sampled for longer.
    """
    nutpie = _extension()
    options = nutpie.PyNutsSettings.Diag(seed)
    options.update(
        {
            "num_tune": settings.tune * longer,
            "num_draws": settings.draws * longer,
            "num_chains": settings.chains,
            "target_accept": accepted(settings, longer=longer, straight=straight),
            **({"maxdepth": _SHORT} if straight and longer == 1 else {}),
        }
    )
    run = nutpie.PySampler.from_pymc(
        options,
        settings.cores,
        _described(nutpie, model, start),
        nutpie.ProgressType.none(),
        None,
        0,
        nutpie.PyStorage.arrow(),
    )
    return Running(run)


class Running:
    """A model that is being sampled.

    Parameters
    ----------
    run
        A sampler of nutpie.
    """

    def __init__(self, run: Any) -> None:
        self._run, self._stopped = run, False

    def stop(self) -> None:
        """Stop, for draws that are not wanted any more."""
        self._stopped = True
        self._run.abort()

    def result(self) -> tuple[Array, xr.Dataset]:
        """Wait until it has been sampled.

        Returns
        -------
        ndarray
            Draws in the sampler's coordinates after warm-up, shape (chain, draw, parameters).
        Dataset
            Statistics of the sampler, dims (chain, draw).

        Raises
        ------
        RuntimeError
            If it was stopped.
        """
        if self._stopped:
            raise RuntimeError("what was stopped has no result: its draws are too few")
        try:
            self._run.wait(None)
            trace = self._run.take_results()
        except BaseException:
            # At Ctrl-C: draws so far are not to be taken for complete ones.
            self.stop()
            raise
        draws, stats = trace.get_arrow_trace()
        warm = [int(np.sum(_values(batch.column("tuning")))) for batch in stats]
        points = np.stack([_values(d.column(_POINT))[w:] for d, w in zip(draws, warm, strict=True)])
        columns = {
            renamed: np.stack([_values(b.column(n))[w:] for b, w in zip(stats, warm, strict=True)])
            for n, renamed in _STATS.items()
        }
        coords = {"chain": np.arange(points.shape[0]), "draw": np.arange(points.shape[1])}
        data = {name: (("chain", "draw"), values) for name, values in columns.items()}
        return points, xr.Dataset(data, coords=coords)


def accepted(settings: SamplerSettings, *, longer: int, straight: bool) -> float:
    """Return the share of steps that is to be accepted (`begin_points`)."""
    rejected = (1.0 - settings.target_accept) * (1.0 if straight else _FEWER)
    return 1.0 - rejected / longer


def _described(nutpie: Any, model: Evaluated, start: Callable[[int], Array]) -> Any:
    """Return a model as nutpie wants it: functions by their addresses."""
    data, sizes = model.user_data.ctypes.data, {_PLACE: model.size}
    variables = nutpie.PyVariable.new_variables(
        [_POINT], ["float64"], [(model.size,)], sizes, {_POINT: (_PLACE,)}
    )
    return nutpie.PyMcModel(
        nutpie.LogpFunc(model.log_density_address, data, model),
        nutpie.ExpandFunc(model.size, model.size, loaded(COPY).address, data, model),
        variables,
        model.size,
        sizes,
        {},
        start,
        _no_adapter,
    )


def compiled_by_nutpie(model: Any, strategy: str) -> Any:
    """Return a ``pm.Model`` as nutpie compiles it, with its initial points by a strategy."""
    import nutpie

    return nutpie.compile_pymc_model(model, default_initialization_strategy=strategy)


def _no_adapter(*_: Any, **__: Any) -> Any:
    """Stand for the normalising flow, which nutpie wants a maker of and never asks for here."""
    raise RuntimeError("the diagonal mass matrix is adapted, not a normalising flow")


@cache
def _extension() -> Any:
    """Return the extension module of nutpie, without its Python part if that is possible."""
    package = find_spec("nutpie")
    folders = [] if package is None else package.submodule_search_locations or []
    for folder in folders:
        for suffix in EXTENSION_SUFFIXES:
            file = Path(folder) / f"_lib{suffix}"
            if file.is_file():
                loader = ExtensionFileLoader("nutpie._lib", str(file))
                spec = spec_from_loader("nutpie._lib", loader)
                assert spec is not None
                module = module_from_spec(spec)
                loader.exec_module(module)
                return module
    from nutpie import _lib

    return _lib


def _values(column: Any) -> NDArray[Any]:
    """Return a column of an Arrow trace as an array, shape (draw, ...)."""
    array = pa.array(column)
    size = len(array)
    while pa.types.is_nested(array.type):
        array = array.flatten()
    values = array.to_numpy(zero_copy_only=False)
    return np.asarray(values if values.size == size else values.reshape(size, -1))
