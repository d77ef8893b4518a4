"""The rate table of an experiment as folds: products of small tables, for the fast density.

They have the components of `RateTable.coefficients` and of `RateTable.background_coefficients`, in
the same order, and the same counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.cards.experiment import Template
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.cards.signal_table import SignalTable
from bayes_cevns.tables.fold import Block, Fold, pack
from bayes_cevns.tables.separable import Separated
from bayes_cevns.tables.shape_axes import ShapeAxis, separated, spline_coefficients

type Axes = tuple[ShapeAxis, ...]


def signal_fold(table: RateTable, mass_mev: float | None = None) -> Fold:
    """Return signals, and the backgrounds on their axes, at one mass."""
    axes = table.experiment.signal_axes
    blocks: list[Block] = []
    start = 0
    for signal, parts in zip(table.signals, table.separated, strict=True):
        weights = signal.weights(mass_mev)[..., : signal.count, :]
        for part in parts:
            blocks.append(_signal_block(signal, weights, part, axes, start))
            start += signal.count
    for background in table.companions:
        found = _background_blocks(table, background, table.runs_of(background), start)
        blocks += found
        start += len(found)
    return pack(axes, blocks)


def background_fold(table: RateTable, parts: Sequence[Template], run: int | None = None) -> Fold:
    """Return backgrounds with the same axes, of all runs or of one.

    The components are those of `RateTable.background_coefficients`.
    """
    axes = parts[0].axes
    if not axes:
        together = table.background_coefficients(parts, run)
        bins = np.flatnonzero(together.any(axis=0))
        block = Block(together[:, bins], np.ones(1), (), (), 0, bins[:, None])
        return pack(axes, [block])
    blocks: list[Block] = []
    for part in parts:
        scaled = table.runs_of(part) if run is None else table.bins_of_runs[run : run + 1]
        blocks += _background_blocks(table, part, scaled, len(blocks))
    return pack(axes, blocks)


def _signal_block(
    signal: SignalTable, weights: Array, part: Separated, axes: Axes, start: int
) -> Block:
    """Return a signal: recoil weights times the factor of the response with recoil energies."""
    theory = signal.signal.theory_axes
    own = tuple(signal.signal.axes[number] for number in part.first_axes)
    other = tuple(signal.signal.axes[number] for number in part.second_axes)
    rates = spline_coefficients(theory, weights)
    place = part.first.reshape(*part.first.shape[:-2], *[1] * len(theory), *part.first.shape[-2:])
    return Block(
        rates.reshape(*[1] * len(own), *rates.shape) @ place,
        part.second,
        tuple(axes.index(axis) for axis in (*own, *theory)),
        tuple(axes.index(axis) for axis in other),
        start,
        part.bins,
    )


def _background_blocks(table: RateTable, part: Template, scaled: Array, start: int) -> list[Block]:
    """Return a background on axes, one block for all bins that are scaled together."""
    flat = part.values.values.reshape(*part.values.shape[:-2], 1, -1)
    blocks = []
    for number, bins in enumerate(scaled):
        found = separated(flat * bins, part.axes, table.merged_bins)
        blocks.append(
            Block(
                found.first,
                found.second,
                found.first_axes,
                found.second_axes,
                start + number,
                found.bins,
            )
        )
    return blocks
