"""A table of all experiments, from their cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bayes_cevns.cards.loading import experiment, experiment_names

if TYPE_CHECKING:
    from pandas import DataFrame

#: Of each exposure one analysis with observed counts, none disputed or second-hand: those that
#: joint fits of everything have (``solar`` and ``all`` in validation/limits.csv).
RECOMMENDED: Final = {
    "solar": (
        *("xenonnt_cevns", "pandax4t_paired", "pandax4t_us2", "xenon1t_s2only"),
        *("xenonnt_er", "lz_er", "pandax4t_er"),
    ),
    "beam": ("coherent_csi", "coherent_lar", "coherent_ge"),
    "reactor": ("conus_plus_spectrum",),
}


def experiments() -> DataFrame:
    """Return what experiments there are, one a row.

    Returns
    -------
    DataFrame
        By name: target, channels and sources of the signals, runs, exposure in t yr, observed
        events (NaN without), whether there are observed counts, whether joint fits should have it
        (`RECOMMENDED`), likelihood, whether its data are disputed or second-hand, title, and what
        it cites.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> bc.experiments().loc["coherent_csi", "target"]
    'CsI'
    """
    import pandas as pd

    loaded = {name: experiment(name) for name in experiment_names()}
    chosen = {name for names in RECOMMENDED.values() for name in names}
    rows = {
        name: {
            "target": str(one.card.target),
            "channels": ", ".join(dict.fromkeys(s.channel for s in one.card.signal.values())),
            "sources": ", ".join(dict.fromkeys(s.source for s in one.card.signal.values())),
            "runs": ", ".join(one.card.runs),
            "exposure_tonne_year": float(one.exposure_tonne_year.sum()),
            "events": float(one.observed.sum()) if one.data != "none" else float("nan"),
            "has_data": one.data != "none",
            "recommended": name in chosen,
            "likelihood": one.card.likelihood,
            "disputed": bool(one.card.disputed),
            "second_hand": bool(one.card.second_hand),
            "title": one.card.heading,
            "cite": ", ".join(one.card.cite),
        }
        for name, one in loaded.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")
