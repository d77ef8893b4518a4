"""Where the data of experiments are from: DOI, licence and paper of their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bayes_cevns.cards import Experiment
from bayes_cevns.storage.resources import data_file


@dataclass(frozen=True)
class DataSource:
    """The release that a table was made of.

    Attributes
    ----------
    experiment, title
        Whose data, and what the table calls them.
    doi, licence, paper
        As the table says; empty where it says nothing, as one of a user may.
    """

    experiment: str
    title: str
    doi: str = ""
    licence: str = ""
    paper: str = ""


def data_sources(experiments: Sequence[Experiment]) -> list[DataSource]:
    """Return where the data of experiments are from."""
    return [_source(one) for one in experiments]


def _source(experiment: Experiment) -> DataSource:
    name = experiment.package_table
    if not name:
        return DataSource(experiment.name, experiment.card.title)
    import h5py

    with h5py.File(data_file(name), "r") as file:
        said = {key: str(file.attrs.get(key, "")) for key in ("doi", "licence", "paper")}
    return DataSource(experiment.name, experiment.card.title, **said)
