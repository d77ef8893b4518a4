"""How assumptions move the headline limits, alone and together; writes assumptions.csv and .md.

Every alternative is one that a user can ask for by a word: another prior of the coupling, form
factor, weak charges, response of atoms, mixing, or prior of a nuisance. Limits are previews, which
have no Monte-Carlo error, so that a shift of a thousandth is seen; the quoted one and the lowest
and highest are sampled as well. A run that was cut off goes on with the next headline.

    python validation/assumptions.py [--only HEADLINE ...]
"""

from __future__ import annotations

import argparse
import csv
import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from code_commit import code_commit

import bayes_cevns as bc
from bayes_cevns.cards.densities.symmetric import Normal
from bayes_cevns.couplings.priors import PRIORS
from bayes_cevns.errors import UnknownNameError

HERE = Path(__file__).parent
FILE, PAGE = HERE / "assumptions.csv", HERE / "assumptions.md"
FIGURE = HERE / "figures" / "assumptions.png"
COLUMNS = (
    *("headline", "assumption", "choice", "method", "limit", "mc_error", "ratio", "version"),
    "commit",
)
LEVEL = 0.9

#: An assumption that moves a limit by less is left out of the joint ones.
_MOVES = 0.002

#: Most joint limits of a headline; assumptions that move it least are then left out as well.
_MOST = 200

JOINT = "all together"
QUOTED = "as quoted"


@dataclass(frozen=True)
class Headline:
    """A limit that people quote.

    Attributes
    ----------
    experiment, interaction, mass_mev
        Of what; no mass without a mediator.
    side
        Which limit, where each sign has one.
    """

    experiment: str
    interaction: str
    mass_mev: float | None
    side: str = "upper"

    @property
    def name(self) -> str:
        """What the table calls it."""
        mass = "" if self.mass_mev is None else f", {self.mass_mev:g} MeV"
        side = "" if self.side == "upper" else f", {self.side}"
        return f"{self.experiment}, {self.interaction}{mass}{side}"


HEADLINES = (
    Headline("xenonnt_cevns", "scalar-universal", 10.0),
    Headline("xenonnt_cevns", "vector-universal", 10.0, "negative"),
    Headline("xenonnt_cevns", "b-l", 10.0),
    Headline("coherent_csi", "scalar-universal", 10.0),
    Headline("coherent_csi", "b-l", 10.0),
    Headline("coherent_lar", "scalar-universal", 10.0),
    Headline("conus_plus_spectrum", "scalar-universal", 10.0),
    Headline("xenonnt_er", "b-l", 0.1),
    Headline("xenonnt_er", "magnetic-moment", None),
    Headline("lz_er", "magnetic-moment", None),
)

#: What is known of nuclei and of the charges of quarks; the first of each is what is quoted.
#: `point-like` is no alternative, it shows what a form factor does.
FORM_FACTORS = ("standard", "helm", "helm-rms", "klein-nystrand", "hoferichter2020")
WEAK_CHARGES = ("tree", "radiative")
ATOMS = ("standard", "stepping", "free")
MIXING = ("fixed", "free")

#: Nuisances with a measured value whose flat prior forgets it.
FLAT = ("flux_8b", "flux_pp", "sns_yield", "neutron_radius_scale")


#: What nobody believes, to see how much a limit rests on what it replaces: in no joint limit.
EXTREME = {("atoms", "free"), *((f"prior of {name}", "flat") for name in FLAT)}


@dataclass(frozen=True)
class Choice:
    """One value of an assumption: its name, and the options or prior of a nuisance behind it."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    nuisances: Mapping[str, Any] = field(default_factory=dict)


type Assumptions = dict[str, tuple[Choice, ...]]


def assumptions_of(headline: Headline) -> Assumptions:
    """Return every assumption of a limit with its choices, the quoted one first."""
    experiment = bc.experiment(headline.experiment)
    channels = {signal.channel for signal in experiment.signals}
    found: Assumptions = {"prior of the coupling": _options("prior", ("flat", *_others()))}
    if "cevns" in channels:
        found["form factor"] = _options("form_factor", FORM_FACTORS)
    found["weak charges"] = _options("weak_charges", WEAK_CHARGES)
    if channels != {"cevns"}:
        found["atoms"] = _options("atoms", ATOMS)
        if "solar" in experiment.card.nuisance or any("flux_" in n for n in experiment.nuisances()):
            found["mixing"] = _options("mixing", MIXING)
    for name, nuisance in experiment.card.nuisance.items():
        choices = [Choice(word, nuisances={name: word}) for word in nuisance.alternatives or {}]
        wider = _wider(nuisance.prior)
        if wider is not None:
            choices.append(Choice("twice as wide", nuisances={name: wider}))
        if choices:
            found[f"prior of {name}"] = (Choice(QUOTED), *choices)
    return found


def _others() -> tuple[str, ...]:
    return tuple(name for name in PRIORS if name != "flat")


def _options(option: str, names: tuple[str, ...]) -> tuple[Choice, ...]:
    return tuple(Choice(name, options={option: name}) for name in names)


def _wider(prior: Any) -> bc.Prior | None:
    """Return a normal prior that is twice as wide; ``None`` for other kinds, and for runs."""
    density = prior.density
    if isinstance(density, Normal) and isinstance(density.sd, float):
        return bc.Prior.normal(density.mean, 2.0 * density.sd)
    return None


def asked_of(headline: Headline, choices: tuple[Choice, ...]) -> dict[str, Any]:
    """Return the arguments of a study with some choices."""
    asked: dict[str, Any] = {"interaction": headline.interaction}
    nuisances: dict[str, Any] = {}
    for choice in choices:
        asked |= choice.options
        nuisances |= choice.nuisances
    if nuisances:
        asked["nuisance_priors"] = nuisances
    return asked


def limit_of(headline: Headline, choices: tuple[Choice, ...]) -> float:
    """Return the limit with some choices, from a preview; NaN where it must not be used."""
    masses = {} if headline.mass_mev is None else {"masses_mev": [headline.mass_mev]}
    asked = asked_of(headline, choices)
    point = bc.preview(headline.experiment, level=LEVEL, **masses, **asked).points[0]
    found = {limit.side: limit.value for limit in point.limits}
    return found[headline.side] if point.fit.passed else math.nan


def sampled(headline: Headline, choices: tuple[Choice, ...]) -> tuple[float, float]:
    """Return the sampled limit with some choices, and its Monte-Carlo error."""
    masses = {} if headline.mass_mev is None else {"mass_mev": headline.mass_mev}
    asked = asked_of(headline, choices)
    run = bc.sample(headline.experiment, seed=1, **masses, **asked)
    found = {limit.side: limit for limit in bc.limits(run, LEVEL)}
    return found[headline.side].value, found[headline.side].mc_error


def rows_of(headline: Headline) -> Iterator[dict[str, Any]]:
    """Measure one headline."""
    every = assumptions_of(headline)
    quoted = limit_of(headline, ())

    def row(
        assumption: str, choice: str, method: str, limit: float, error: float = math.nan
    ) -> Any:
        return {
            "headline": headline.name,
            "assumption": assumption,
            "choice": choice,
            "method": method,
            "limit": f"{limit:.5g}",
            "mc_error": "" if math.isnan(error) else f"{error:.2g}",
            "ratio": f"{limit / quoted:.4f}",
            "version": bc.__version__,
            "commit": code_commit(),
        }

    yield row(QUOTED, "", "preview", quoted)
    yield row(QUOTED, "", "sampled", *sampled(headline, ()))
    moved: Assumptions = {}
    shifts: dict[str, float] = {}
    for name, choices in every.items():
        ratios, possible = [0.0], [choices[0]]
        for choice in choices[1:]:
            try:
                limit = limit_of(headline, (choice,))
            except UnknownNameError:  # a form factor that is not known of this nucleus
                continue
            if (name, choice.name) not in EXTREME:
                ratios.append(abs(limit / quoted - 1.0))
                possible.append(choice)
            yield row(name, choice.name, "preview", limit)
        shifts[name] = max(ratios)
        if shifts[name] > _MOVES:
            moved[name] = tuple(possible)
    for name in sorted(moved, key=shifts.__getitem__):
        if math.prod(map(len, moved.values())) <= _MOST:
            break
        del moved[name]  # what moves least
    combined = [(limit_of(headline, c), c) for c in itertools.product(*moved.values())]
    valid = sorted((found for found in combined if not math.isnan(found[0])), key=lambda x: x[0])
    for word, (limit, choices) in (("lowest", valid[0]), ("highest", valid[-1])):
        named = zip(moved, choices, strict=True)
        text = "; ".join(f"{name}: {choice.name}" for name, choice in named)
        assumption = f"{JOINT}, {word} of {len(valid)}"
        yield row(assumption, text, "preview", limit)
        yield row(assumption, text, "sampled", *sampled(headline, choices))


TEXT = """\
# How assumptions move the headline limits

Written by `make assumptions`; do not edit. 90% credible limits of bayes_cevns {version}, by
previews (no Monte-Carlo error, within a percent of sampled ones, [preview.md](preview.md)), and
sampled where a row says so. Each row changes one assumption and keeps all others as quoted; the
last rows of a limit are the lowest and highest of all combinations of those assumptions that move
it by more than {moves:.1%} alone, at most {most} combinations, for which those that move it least
are left out. A ratio is the limit over the preview as quoted. *Twice as wide*: a normal prior of a
nuisance with twice its standard deviation, cut where the card cuts it. Atoms whose electrons are
`free`, and a `flat` prior of a flux or of the radius of neutrons, which forgets what has been
measured, are shown alone and are in no combination: they tell how much a limit rests on what they
replace.

![Ratios of limits]({figure})

{summary}

{sections}"""


def page(rows: list[dict[str, str]]) -> str:
    """Return the page of some rows."""
    sections, lines = [], []
    for headline in dict.fromkeys(row["headline"] for row in rows):
        own = [row for row in rows if row["headline"] == headline]
        quoted = next(r for r in own if r["assumption"] == QUOTED and r["method"] == "sampled")
        alone = [
            r for r in own if r["assumption"] != QUOTED and not r["assumption"].startswith(JOINT)
        ]
        most = max(alone, key=lambda r: abs(math.log(float(r["ratio"]))))
        ends = [r for r in own if r["assumption"].startswith(JOINT) and r["method"] == "preview"]
        lines.append(
            f"| {headline} | {quoted['limit']} +- {quoted['mc_error']} "
            f"| {most['assumption']}: {most['choice']} ({float(most['ratio']):.3f}) "
            f"| {float(ends[0]['ratio']):.3f} to {float(ends[1]['ratio']):.3f} |"
        )
        cells = [
            f"| {r['assumption']} | {r['choice']} | {r['method']} | {_quoted(r)} | {r['ratio']} |"
            for r in own
        ]
        head = "| assumption | choice | method | limit | ratio |\n|---|---|---|---|---|"
        sections.append("\n".join([f"## {headline}", "", head, *cells, ""]))
    head = "| limit | as quoted | what moves it most alone | all together |\n|---|---|---|---|"
    return TEXT.format(
        version=rows[-1]["version"],
        moves=_MOVES,
        most=_MOST,
        summary="\n".join([head, *lines]),
        sections="\n".join(sections),
        figure=FIGURE.relative_to(HERE),
    )


def draw(rows: list[dict[str, str]]) -> None:
    """Draw the ratio of every row, a line for each limit."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(row["headline"] for row in rows))
    figure = Figure(figsize=(7.0, 0.45 * len(names) + 1.1), layout="constrained")
    axes = figure.subplots()
    kinds = {"prior of the coupling": ("D", "C0"), "one other assumption": ("o", "C1")}
    kinds |= {"what nobody believes": ("x", "0.5")}
    for place, name in enumerate(reversed(names)):
        own = [r for r in rows if r["headline"] == name and r["method"] == "preview"]
        ends = [float(r["ratio"]) for r in own if r["assumption"].startswith(JOINT)]
        axes.plot(ends, [place] * 2, lw=6, color="C0", alpha=0.25, solid_capstyle="butt")
        for r in own:
            if r["assumption"] != QUOTED and not r["assumption"].startswith(JOINT):
                marker, colour = kinds[_kind(r)]
                axes.plot(float(r["ratio"]), place, marker, color=colour, ms=5, mfc="none")
    for label, (marker, colour) in kinds.items():
        axes.plot([], [], marker, color=colour, mfc="none", label=label)
    axes.plot([], [], lw=6, color="C0", alpha=0.25, label="all together")
    axes.axvline(1.0, color="0.6", lw=0.8, zorder=0)
    axes.set(xscale="log", xlabel="limit / limit as quoted")
    axes.set_yticks(range(len(names)), list(reversed(names)), fontsize=8)
    axes.set_xticks([0.4, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0], minor=False)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    figure.legend(loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    figure.savefig(FIGURE, dpi=150)


def _kind(row: dict[str, str]) -> str:
    if (row["assumption"], row["choice"]) in EXTREME:
        return "what nobody believes"
    own = row["assumption"] == "prior of the coupling"
    return "prior of the coupling" if own else "one other assumption"


def _quoted(row: dict[str, str]) -> str:
    return f"{row['limit']} +- {row['mc_error']}" if row["mc_error"] else row["limit"]


def kept() -> list[dict[str, str]]:
    """Return the rows of the table that is there."""
    if not FILE.exists():
        return []
    with FILE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def main() -> None:
    """Measure the headlines that are asked for, or all that the table does not have."""
    names = [headline.name for headline in HEADLINES]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=names, metavar="HEADLINE")
    only = parser.parse_args().only
    for headline in HEADLINES:
        rows = kept()
        wanted = only or [name for name in names if name not in {row["headline"] for row in rows}]
        if headline.name not in wanted:
            continue
        found = [{k: str(v) for k, v in row.items()} for row in rows_of(headline)]
        rows = [row for row in rows if row["headline"] != headline.name] + found
        rows.sort(key=lambda row: names.index(row["headline"]))
        with FILE.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        draw(rows)
        PAGE.write_text(page(rows), encoding="utf-8")
        print(f"{headline.name}: done", flush=True)


if __name__ == "__main__":
    main()
