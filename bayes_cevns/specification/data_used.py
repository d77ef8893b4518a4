"""Which data of the package a model uses: tables of its experiments, and what rates are made of."""

from __future__ import annotations

from collections.abc import Iterable

from bayes_cevns.cards import Experiment
from bayes_cevns.sources import Source

#: Folders of `data/` that all models use, and those that a channel adds.
_ALWAYS = ("nuclei/",)
_OF_CHANNELS = {
    "cevns": (),
    "electron": ("atoms/", "many_body/"),
    "migdal": ("atoms/", "migdal/"),
}

#: What the name of a source contains -> the folders of its fluxes, spectra and propagation.
_OF_SOURCES = {
    "solar": ("solar/", "solar_models/", "earth/"),
    "atmospheric": ("atmospheric/",),
    "dsnb": ("atmospheric/",),
    "pion_decay": ("pion_decay/",),
    "sns": ("pion_decay/",),
    "reactor": ("reactor/",),
}


def data_used(experiments: Iterable[Experiment]) -> list[str]:
    """Return the data files of the package that a fit of some experiments uses.

    Parameters
    ----------
    experiments
        The experiments.

    Returns
    -------
    list of str
        Files below `data/`, and folders, which end in ``/``, for all files in them; sorted. Tables
        of a user are not among them, nor what no fit uses, such as published limits.
    """
    found = set(_ALWAYS)
    for one in experiments:
        if one.package_table:
            found.add(one.package_table)
        for signal in one.signals:
            found.update(_OF_CHANNELS[signal.channel], _of_source(signal.source))
    return sorted(found)


def _of_source(source: Source) -> tuple[str, ...]:
    """Return the folders of a source; all of them if it is not of the catalogue."""
    if source.file is not None:
        return ()
    named = [folders for word, folders in _OF_SOURCES.items() if word in source.name]
    return tuple(folder for folders in named or _OF_SOURCES.values() for folder in folders)
