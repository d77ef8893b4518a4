#!/usr/bin/env bash
# run_sampler of bilby returns the posterior of an earlier likelihood, with resume=False as well.
#
# Guess    A second call with another likelihood samples it; resume=False at least begins anew.
# Found    If outdir has the result of a run with the same label, it is returned before anything is
#          sampled. Names of parameters and priors are compared, the likelihood is not: normal
#          distributions at +0.5 and -0.5 in one folder both have their mean at +0.5, and the second
#          has the evidence of the first. resume=False is about the checkpoint of an unfinished run;
#          only clean=True samples again. A scan over masses with one label has one limit at all.
# Versions bilby 2.8.2, dynesty 3.1.0, numpy 2.5.5, scipy 1.18.1; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet \
    "bilby==2.8.2" "dynesty==3.1.0" "numpy==2.5.5" "scipy==1.18.1"
cd "$folder"
"$folder/venv/bin/python" - 2>/dev/null <<'PY'
import bilby

bilby.core.utils.logger.setLevel("ERROR")


class Normal(bilby.Likelihood):
    def __init__(self, centre):
        super().__init__()
        self.centre = centre

    def log_likelihood(self, parameters):
        return -50.0 * ((parameters["x"] - self.centre) ** 2 + parameters["y"] ** 2)


def mean_of_x(centre, **options):
    result = bilby.run_sampler(
        Normal(centre),
        bilby.core.prior.PriorDict({n: bilby.core.prior.Uniform(-1, 1, n) for n in "xy"}),
        outdir="runs",
        label="one",
        sampler="dynesty",
        nlive=100,
        sample="rwalk",
        seed=1,
        print_method="interval-600",
        **options,
    )
    return float(result.posterior["x"].mean())


first = mean_of_x(0.5)
asked = ({}, {"resume": False}, {"clean": True})
found = {str(options): mean_of_x(-0.5, **options) for options in asked}
print(f"centre +0.5: mean of x {first:+.3f}")
for options, mean in found.items():
    print(f"centre -0.5, {options}: mean of x {mean:+.3f}")
again, without_resume, clean = found.values()
assert abs(first - 0.5) < 0.05
assert again == without_resume == first
assert abs(clean + 0.5) < 0.05
PY
