"""Limits of xenonnt_cevns under every prior and by profile likelihood; writes a table and a page.

Every interaction that nuclei see, at 1, 10 and 100 MeV where it has a mediator (those with a
sterile neutrino are in sterile.py). A run that was cut
off goes on with the interactions that are not yet in the table.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
FILE, PAGE = HERE / "limits_by_prior.csv", HERE / "limits_by_prior.md"
NAME, FIRST = "xenonnt_cevns", "xenonnt_2024"
MASSES_MEV = (1.0, 10.0, 100.0)
LEVEL = 0.9
PROFILE, RULE = "profile (CL)", "9.71 events"
#: New events that arXiv:2411.14206 allows in the search of 2024, its eq. (3.1).
EVENTS = 9.71
COLUMNS = ("interaction", "mass_mev", "side", "method", "limit", "mc_error", "reason", "version")

TEXT = """\
# Limits by prior and by profile likelihood

Written by `make priors`; do not edit. bayes_cevns {version}, 90% limits of `{name}` on the quoted
coupling of each interaction (symbol, definition and unit: `bayes-cevns list interactions`). `flat`,
`flat-rate` and `log` are credible with the named prior; `profile (CL)` is the frequentist limit of
the same model, -2 ln L within 2.706 of its least; `9.71 events` is the rule of arXiv:2411.14206
(its eq. 3.1 for the search of 2024): the coupling at which new physics makes 9.71 events more, with
the response of `{first}`. The curves of arXiv:2411.14206 and 2411.11749 are figures without
numbers; at 1 MeV the first states about 5.2e-6 (scalar) and 1.5e-5 (vector, constructive) as the
size of today's limits (table 1).

What explains the differences:

- Prior. `flat` is uniform in the amplitude x (g^2 of a mediator, mu of a moment), `flat-rate` in
  the expected signal, which without interference is uniform in x^2 and so puts more weight on
  strong couplings: a limit is higher by 10 to 15% (a magnetic moment, quoted as x itself, by 25%),
  with interference by 2 to 8%. `log` reaches down to
  a hundredth of the coupling of one event: much of it lies where nothing can be seen, and its limit
  is about half; where the flat limit lies beyond a second band, which `log` counts for little, a
  third to an eighth. It depends on where this range ends, see README.
- Posterior or profile. Where no sign is observable the best fit is close to zero, and 2.706 covers
  more than 90% there (Chernoff): the profile's limit is 5 to 10% above the credible one with a
  flat prior. Where new physics can only add to the Standard Model's amplitude (b-l, the negative
  sign of vectors) the two agree within 5%.
- Two signs. The credible limits of a sign are conditional on it; a positive limit of a vector lies
  beyond its second band, where the amplitude has changed its sign. The profile's limits of a sign
  start at the best fit of this sign.
- The rule of 9.71 events takes the number of events alone, that of another data set (37 events of
  2024), without uncertainties of flux, yields and backgrounds. That it comes out near the
  likelihood of 62 events in 243 bins is chance: fewer data, no systematic uncertainties. Of the
  negative weak mixing angle it has the mirror image, sin^2 = -0.57, which is no angle.
"""


def rows_of(name: str) -> list[dict[str, object]]:
    """Return the limits on one interaction by all methods."""
    import bayes_cevns as bc
    from bayes_cevns.couplings.priors import PRIORS
    from bayes_cevns.errors import ConvergenceError

    search = bc.experiment(NAME)
    settings = bc.SamplerSettings(cores=1)
    masses = MASSES_MEV if bc.interaction(name).has_mass else (None,)
    found: list[dict[str, object]] = []

    def enter(mass: float | None, side: str, method: str, **values: object) -> None:
        text = {key: f"{v:.4g}" if isinstance(v, float) else v for key, v in values.items()}
        common = {"interaction": name, "side": side, "method": method, "version": bc.__version__}
        found.append(common | {"mass_mev": "" if mass is None else f"{mass:g}"} | text)

    for prior in PRIORS:
        engine = bc.Engine(bc.ModelSpec.of([search], interaction=name, prior=prior), settings)
        for mass in masses:
            fit = engine.fit(mass, seed=1)
            if not fit.passed:
                enter(mass, "", prior, reason=fit.reason)
                continue
            for limit in bc.limits(fit, LEVEL):
                enter(mass, limit.side, prior, limit=limit.value, mc_error=limit.mc_error)
    for mass in masses:
        try:
            profiled = bc.profile([search], interaction=name, mass_mev=mass, level=LEVEL)
        except ConvergenceError as error:
            enter(mass, "", PROFILE, reason=str(error))
            continue
        for limit in profiled.limits:
            enter(mass, limit.side, PROFILE, limit=limit.value)
            sign = -1.0 if limit.side == "negative" else 1.0
            enter(mass, limit.side, RULE, limit=by_the_rule(name, mass, sign))
    return found


def by_the_rule(name: str, mass_mev: float | None, sign: float) -> float:
    """Return the quoted coupling at which new physics makes 9.71 events more in the 2024 search.

    x of this sign solves linear x + quadratic x^2 = 9.71.
    """
    import bayes_cevns as bc
    from bayes_cevns.cards.rate_table import RateTable

    new = bc.interaction(name)
    _, linear, quadratic = RateTable(bc.experiment(FIRST), new).nominal(mass_mev)
    roots = np.roots([quadratic, sign * linear, -EVENTS])
    (x,) = roots[roots > 0]
    return float(new.quoted(x))


def seen() -> list[str]:
    """Return the interactions that change CEvNS, but those whose masses are no mediators'."""
    import bayes_cevns as bc

    return [
        name
        for name, entry in bc.interactions().items()
        if "nucleus" in entry.scatters_on and not entry.axis.moves_flux
    ]


def read() -> list[dict[str, str]]:
    """Return the rows of the table, none before it was written."""
    if not FILE.exists():
        return []
    with FILE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write(rows: Sequence[dict[str, object]]) -> None:
    """Write the table and the page."""
    import bayes_cevns as bc

    temporary = FILE.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: str(row["interaction"])))
    temporary.replace(FILE)
    PAGE.write_text(
        TEXT.format(version=bc.__version__, name=NAME, first=FIRST) + "\n" + "\n".join(lines()),
        encoding="utf-8",
    )


def lines() -> list[str]:
    """Return the table of the page, a line for each interaction, mass and side."""
    rows = read()
    methods = list(dict.fromkeys(row["method"] for row in rows))
    limits = {
        (r["interaction"], r["mass_mev"], r["side"], r["method"]): r["limit"]
        for r in rows
        if r["limit"]
    }
    head = " | ".join(methods)
    found = [
        f"| interaction | mass [MeV] | side | {head} |",
        f"|---|---|---|{'---|' * len(methods)}",
    ]
    for place in dict.fromkeys(key[:3] for key in limits):
        cells = " | ".join(limits.get((*place, method), "-") for method in methods)
        found.append(f"| {' | '.join(place)} | {cells} |")
    failed = [r for r in rows if r["reason"]]
    found += ["", *(f"- {r['interaction']}, {r['method']}: {r['reason']}" for r in failed)]
    return [*found, ""]


def main() -> None:
    """Compute what is not in the table."""
    rows: list[dict[str, object]] = [dict[str, object](row) for row in read()]
    done = {row["interaction"] for row in rows}
    with ProcessPoolExecutor(os.process_cpu_count()) as pool:
        futures = [pool.submit(rows_of, name) for name in seen() if name not in done]
        for future in as_completed(futures):
            rows += future.result()
            write(rows)
            print(rows[-1]["interaction"], flush=True)
    write(rows)


if __name__ == "__main__":
    main()
