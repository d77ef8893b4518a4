"""A table of all experiments, from their cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bayes_cevns.cards.card_file import read_card
from bayes_cevns.cards.loading import experiment_names
from bayes_cevns.storage.resources import models_dir

if TYPE_CHECKING:
    from pandas import DataFrame


def experiments() -> DataFrame:
    """Return what experiments there are, one a row.

    Returns
    -------
    DataFrame
        By name: target, channels and sources of the signals, runs, likelihood, whether its data
        are disputed or second-hand, title, and what it cites.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> bc.experiments().loc["coherent_csi", "target"]
    'CsI'
    """
    import pandas as pd

    cards = {name: read_card(models_dir() / f"{name}.toml").card for name in experiment_names()}
    rows = {
        name: {
            "target": str(card.target),
            "channels": ", ".join(dict.fromkeys(s.channel for s in card.signal.values())),
            "sources": ", ".join(dict.fromkeys(s.source for s in card.signal.values())),
            "runs": ", ".join(card.runs),
            "likelihood": card.likelihood,
            "disputed": bool(card.disputed),
            "second_hand": bool(card.second_hand),
            "title": card.title,
            "cite": ", ".join(card.cite),
        }
        for name, card in cards.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")
