"""The figures of one posterior: its parameters, and the data of each experiment beside it."""

from __future__ import annotations

from matplotlib.figure import Figure

from bayes_cevns.figures.corner import corner_figure
from bayes_cevns.figures.observable_spectrum import along_edges, spectrum_figure
from bayes_cevns.plots.style import PAGE
from bayes_cevns.studies.sample import ModelRun


def figures(result: ModelRun, *, width_in: float | None = None) -> dict[str, Figure]:
    """Return the figures of a posterior; none of a fit that failed its gate."""
    if not result.passed:
        return {}
    width = PAGE if width_in is None else width_in
    spectra = {
        f"spectrum_{experiment.name}": spectrum_figure(experiment, fit=result, width_in=width)
        for experiment in result.spec.experiments
        if along_edges(experiment)  # a counting experiment has none
    }
    return {"posterior": corner_figure(result, width_in=width), **spectra}
