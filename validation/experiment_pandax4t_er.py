"""PandaX-4T's electronic recoils of Run1: counts, backgrounds, magnetic moment.

The data are digitised from figures, and the limits of the paper are in figures as well, so that
there is no published number to compare a limit with.
"""

from __future__ import annotations

import xarray as xr
from electron_recoils import ATOMS, STEPPING, moment_rows, solar_counts
from rows import Row, number

import bayes_cevns as bc
from bayes_cevns.physics.theory import STANDARD_THEORY
from bayes_cevns.storage.resources import data_file

PAPER = "arXiv:2408.07641"
NAME = "pandax4t_er"


def rows() -> list[Row]:
    """Return the comparisons."""
    one = bc.experiment(NAME)
    with xr.open_dataset(data_file(f"{NAME}/response.nc"), engine="h5netcdf") as opened:
        table = opened.load()
    parts = bc.expected_counts(one)["run1"]
    solar, stepping = (solar_counts(one, t)["run1"] for t in (STANDARD_THEORY, STEPPING))
    total = parts["background"] + parts["tritium"] + solar
    found = [
        number("observed events, Run1", f"{PAPER}, digitised", 1431, float(one.observed.sum())),
        number("background with solar neutrinos, 1-30 keV", f"{PAPER}, digitised", 1438.25, total),
        Row(
            "solar neutrinos, events",
            PAPER,
            "not published as text",
            f"{solar:.1f}",
            ATOMS.format(stepping=stepping),
        ),
        Row(
            "tritium, events",
            PAPER,
            "not published as text",
            f"{parts['tritium']:.0f}",
            "split off the digitised total",
        ),
        Row(
            "smallest background without solar neutrinos and tritium in a bin",
            "must not be negative",
            ">= 0",
            f"{float(table['background'].min()):.2f}",
        ),
    ]
    return found + moment_rows(one, PAPER, None, "tritium free; Run1 alone")
