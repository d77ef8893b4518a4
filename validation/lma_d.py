"""The octants of theta_12 beside nested sampling; writes lma_d.md.

With couplings in matter theta_12 above 45 degrees is a second solution, the LMA-D. Reactors do not
tell the octants apart, so that each has the same prior and the data weigh them. By the package: the
branches of both octants, weighed by their evidences. By dynesty: a nested run on the density of
each octant, which shares no sampler, no branches and no evidences with the package.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from code_commit import code_commit
from hard_settings import NESTED, SEED, SETTINGS
from nested_density import NuisancePriors, run_nested

import bayes_cevns as bc
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.density.data import branch_data, data_at
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.modes.octants import DARK, LIGHT, octant_data

PAGE = Path(__file__).with_suffix(".md")

#: Experiments and free couplings.
PROBLEMS = (("xenonnt_cevns+coherent_csi", ("eps_ee_u",)),)

#: Weights of octants must agree to this, relative, or within their errors.
TARGET = 0.05


def main() -> None:
    """Compare the weights, and write the page after each problem."""
    rows: list[str] = []
    for label, names in PROBLEMS:
        row = compare(label, names)
        print(row, flush=True)
        rows.append(row)
        PAGE.write_text(page(rows), encoding="utf-8")


def compare(label: str, names: tuple[str, ...]) -> str:
    """Return the row of a table: weights of the LMA-D by both, and the difference."""
    experiments = [bc.experiment(name) for name in label.split("+")]
    model = CouplingModel.of(names, mixing="free", octant="both")
    engine = Engine(bc.ModelSpec.of(experiments, couplings=model), SETTINGS)
    engine.compile()
    begin = time.perf_counter()
    fit = engine.fit(seed=SEED)
    seconds = time.perf_counter() - begin
    octants = fit.quality["octant"].values.astype(str)
    weights = fit.quality["weight"].values.astype(float)
    errors = fit.quality["log_evidence_error"].values.astype(float)
    ours = float(weights[octants == DARK].sum())
    # The error of a sum of weights, from independent errors of the log-evidences.
    slopes = weights * ((octants == DARK) - ours)
    our_error = float(np.sqrt(np.sum((slopes * errors) ** 2)))
    tables, whole = of_couplings(engine.tables), BoxPart.of(engine.box.box)
    data = data_at(engine.spec, engine.tables, None)[0]
    data |= branch_data(engine.spec, tables, whole, range(len(names)))
    priors = NuisancePriors.of(engine.spec.experiments)
    log_z, log_z_error, calls = [], [], 0
    for octant in (LIGHT, DARK):
        compiled = engine.compiled.with_data(data | octant_data(octant, data))
        run = run_nested(compiled, priors, len(names), seed=SEED, **NESTED)
        log_z.append(run.log_z)
        log_z_error.append(run.log_z_error)
        calls += run.calls
    nested = float(np.exp(log_z[1] - np.logaddexp(*log_z)))
    nested_error = nested * (1.0 - nested) * float(np.hypot(*log_z_error))
    difference = abs(ours - nested)
    sigmas = difference / float(np.hypot(our_error, nested_error))
    within = difference <= TARGET * nested or sigmas <= 2.0
    inside = fit.draws()["sin2_theta12"].values > 0.5
    cells = (
        label.replace("+", " + "),
        " ".join(names),
        ", ".join(f"{o} {w:.3f}" for o, w in zip(octants, weights, strict=True)),
        f"{ours:.4f} +- {our_error:.4f}",
        f"{nested:.4f} +- {nested_error:.4f}",
        f"{difference / nested:.1%}, {sigmas:.1f} errors",
        f"{np.mean(inside):.4f}",
        "yes" if within and fit.passed else f"no {fit.reason}",
        f"{seconds:.0f} / {calls}",
    )
    return f"| {' | '.join(cells)} |"


def page(rows: list[str]) -> str:
    """Return the page."""
    table = "\n".join(rows)
    return f"""# The LMA-D beside nested sampling

Written by `make lma-d` (`validation/lma_d.py`, version {bc.__version__}, commit
{code_commit()}, seed {SEED}).

A matter potential of the other sign turns theta_12 into 90 degrees - theta_12: the Hamiltonian goes
over into minus its complex conjugate, if the ordering of masses changes as well
(Coloma and Schwetz, arXiv:1604.05772; held to 1e-10 in `tests/oscillation/test_lma_d.py`). For
solar neutrinos nearly nothing depends on the ordering, so that eps_ee -> -2 - eps_ee, as seen by
matter, is a second solution. Scattering on nuclei does not have this symmetry. theta_12 and dm21
are nuisances, and both octants have the prior of `sin2_theta12`, one of them turned over.

The weight of the LMA-D, by the branches of the package and by two runs of dynesty. They must agree
to {TARGET:.0%} or to two of their errors together; "draws" is the share of joint draws with
sin^2 theta_12 above one half.

| data | free | branches | package | dynesty | difference | draws | agree | seconds / calls |
| :-- | :-- | :-- | --: | --: | --: | --: | :-- | --: |
{table}
"""


if __name__ == "__main__":
    main()
