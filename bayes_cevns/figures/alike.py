"""Whether results may stand in one figure: of one kind, level, prior, data and coupling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.figures.captions import data_words, interaction_title, prior_caption
from bayes_cevns.specification.columns import CL, CREDIBLE, prior_label
from bayes_cevns.specification.model_spec import ModelSpec

#: What is compared -> its words in an error.
_WORDS = {
    "coupling": "couplings",
    "kind": "kinds",
    "level": "levels",
    "prior": "priors",
    "data": "kinds of data",
}


@dataclass(frozen=True)
class Facts:
    """What decides whether the numbers of two results can be compared.

    Attributes
    ----------
    kind
        ``"credible"`` or ``"CL"``.
    level
        Such as ``"90%"``.
    prior
        In what the prior of the coupling is uniform; empty for a confidence level.
    data
        ``"observed"``, or which simulated data.
    coupling
        The coupling with its interaction and definition.
    title, caption
        The interaction and the prior as a figure has them.
    """

    kind: str
    level: str
    prior: str
    data: str
    coupling: str
    title: str
    caption: str

    @property
    def shown(self) -> dict[str, str]:
        """What a legend says of each where it differs between runs."""
        return {
            "coupling": self.title,
            "kind": self.kind,
            "level": self.level,
            "prior": f"prior {self.caption}" if self.prior else "",
            "data": self.data,
        }


def facts(spec: ModelSpec, level: float, *, kind: str = CREDIBLE) -> Facts:
    """Return the facts of limits over a mass: of what model, and at which level."""
    assert spec.interaction is not None
    coupling = spec.interaction.coupling
    is_credible = kind != CL
    return Facts(
        kind,
        f"{100 * level:.4g}%",
        str(prior_label(spec)["prior_text"]) if is_credible else "",
        data_words(spec.experiments),
        f"{coupling.symbol} of {spec.interaction.name} ({coupling.definition})",
        interaction_title(spec),
        prior_caption(spec) if is_credible else "",
    )


def check_alike(found: Sequence[Facts], labels: Sequence[str]) -> None:
    """Check that results can be compared in one figure.

    Parameters
    ----------
    found
        Of each result.
    labels
        What the results are called.

    Raises
    ------
    ArgumentError
        With the first two results that differ, and in what.
    """
    for name, words in _WORDS.items():
        values = [getattr(each, name) for each in found]
        for label, value in zip(labels, values, strict=True):
            if value != values[0]:
                raise ArgumentError(
                    f"one figure would mix {words}: {labels[0]} has {values[0] or 'none'}, "
                    f"{label} has {value or 'none'}; draw them apart, or allow it with --mixed "
                    "(mixed=True)"
                )


def differences(found: Sequence[Facts]) -> list[str]:
    """Return for each result what tells it from the others, for a legend; nothing if all agree."""
    shown: list[Mapping[str, str]] = [each.shown for each in found]
    differing = [name for name in shown[0] if len({each[name] for each in shown}) > 1]
    return [", ".join(each[name] for name in differing if each[name]) for each in shown]


def labelled(names: Sequence[str], labels: Sequence[str] | None) -> list[str]:
    """Return a label for each result, no two alike: those of a user, or by their names.

    Raises
    ------
    ArgumentError
        If there is not one label for each result.
    """
    found = list(names if labels is None else labels)
    if len(found) != len(names) or not all(isinstance(label, str) for label in found):
        raise ArgumentError(
            f"expected one label for each of {len(names)} results, got {shown(labels)}"
        )
    return [
        f"{label} ({found[:place].count(label) + 1})" if found.count(label) > 1 else label
        for place, label in enumerate(found)
    ]
