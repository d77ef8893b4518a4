"""Profile a likelihood of bayes_cevns with iminuit: an upper limit on the first parameter."""

from iminuit import Minuit
from scipy.optimize import brentq

from bayes_cevns import JointLikelihood


def upper_limit(like: JointLikelihood, *, critical_value: float) -> float:
    """Return the value above which -2 ln L is further above its minimum than a critical value.

    Terms of nuisances are those of their priors; that of the coupling is flat.
    """
    fit = Minuit(
        lambda point: -2.0 * like.log_posterior(point),
        like.medians,
        grad=lambda point: -2.0 * like.log_posterior_gradient(point),
        name=like.names,
    )
    fit.errordef, fit.limits, fit.tol = Minuit.LEAST_SQUARES, like.bounds, 0.01
    least, best = fit.migrad().fval, fit.values[0]
    fit.fixed[0] = True

    def above(value: float) -> float:
        fit.values[0] = value
        return fit.migrad().fval - least - critical_value

    end = like.bounds[0, 1]
    return brentq(above, best, end, xtol=1e-6 * end)
