"""The table of the experiments whose committed limits are lowest, by interaction and mass."""

from __future__ import annotations

from collections.abc import Iterable

from committed_limits import Limit
from page_text import code, number, table

import bayes_cevns as bc

MASSES_MEV = (0.1, 1.0, 10.0, 100.0, 1000.0)


def best_limits(limits: Iterable[Limit]) -> str:
    """Return the table: single experiments with public counts, neither disputed nor second-hand."""
    known = bc.experiments()
    sound = {
        name
        for name in known.index[~(known["disputed"] | known["second_hand"])]
        if bc.experiment(name).data == "observed"
    }
    best: dict[tuple[str, str, float], Limit] = {}
    for limit in limits:
        has_mediator = not bc.interaction(limit.interaction).axis.moves_flux
        is_flat = has_mediator and limit.kind == "credible" and limit.prior == "flat"
        if is_flat and limit.experiments in sound and limit.mass_mev in MASSES_MEV:
            key = limit.interaction, limit.side, limit.mass_mev
            if key not in best or limit.value < best[key].value:
                best[key] = limit
    several = {key for key in best if _compared(limits, key, sound) > 1}
    rows = []
    for interaction, side in sorted({key[:2] for key in several}):
        found = [best.get((interaction, side, mass)) for mass in MASSES_MEV]
        cells = [f"{code(one.experiments)} {number(one.value)}" if one else "-" for one in found]
        rows.append((code(interaction), side, *cells))
    return table(("interaction", "side", *(f"{mass:g} MeV" for mass in MASSES_MEV)), rows)


def _compared(limits: Iterable[Limit], key: tuple[str, str, float], sound: set[str]) -> int:
    """Return how many experiments have a limit to be compared with."""
    same = {
        limit.experiments
        for limit in limits
        if (limit.interaction, limit.side, limit.mass_mev) == key and limit.experiments in sound
    }
    return len(same)
