"""The likelihood of an experiment: what its card says and its table has for it."""

from __future__ import annotations

from math import prod

import numpy as np
import xarray as xr

from bayes_cevns.cards.background_units import BACKGROUND_UNITS
from bayes_cevns.cards.card_file import CardFile
from bayes_cevns.cards.experiment import Template
from bayes_cevns.cards.likelihoods import (
    AsymmetricErrors,
    CorrelatedErrors,
    CountLikelihood,
    NormalErrors,
    PoissonCounts,
    TemplateErrors,
)
from bayes_cevns.cards.likelihoods.normal import OTHER_BIN
from bayes_cevns.cards.table_file import (
    ERRORS,
    at_nominal_nodes,
    check_numbers,
    check_shape,
    check_unit,
)

SIGMA, MINUS, PLUS, COVARIANCE = ERRORS
#: Variables of a table that are together the errors of measured numbers -> their dimensions.
_ERRORS = {
    (SIGMA,): ("run", "bin"),
    (MINUS, PLUS): ("run", "bin"),
    (COVARIANCE,): ("run", "bin", OTHER_BIN),
}
#: What the name of the errors of a template ends with.
_ERROR = "_error"
#: A statistical error of a template that widens a Poisson distribution by less than this is none.
_NARROW = 1e-4
#: A covariance is symmetric to this share of its largest number.
_SYMMETRIC = 1e-9


def table_likelihood(
    file: CardFile, data: xr.Dataset, backgrounds: tuple[Template, ...]
) -> CountLikelihood:
    """Return the likelihood of the observed counts of a table.

    Parameters
    ----------
    file, data
        The card and its table, of the runs that the card has.
    backgrounds
        Its backgrounds in counts.

    Raises
    ------
    DataError
        If a normal likelihood has no errors in the table or several kinds of them, or they are not
        those of measured numbers: not positive, or a covariance that is not symmetric or has
        eigenvalues that are not positive; or if errors of templates are not as the templates.
    CardError
        If errors of templates are asked for and there are none.
    """
    if file.card.likelihood == "normal":
        return _of_errors(file, data)
    if file.card.template_errors:
        return _of_templates(file, data, backgrounds)
    return PoissonCounts()


def _of_errors(file: CardFile, data: xr.Dataset) -> CountLikelihood:
    given = [names for names in _ERRORS if any(name in data for name in names)]
    if len(given) != 1:
        has = " and ".join(", ".join(names) for names in given) or "none of them"
        raise file.data_error(
            "table",
            f"a normal likelihood needs {SIGMA!r}, {MINUS!r} with {PLUS!r}, or {COVARIANCE!r}, one "
            f"of these alone, and it has {has}",
        )
    (names,) = given
    for name in names:
        check_shape(file, data, name, set(_ERRORS[names]))
        check_numbers(file, "table", data[name])
        check_unit(file, "table", data[name], ["1", "counts"] if name != COVARIANCE else _SQUARES)
        if not np.all(np.isfinite(data[name].values)):
            raise file.data_error("table", f"{name!r} has numbers that are not finite")
    errors = [data[name].astype(float).transpose(*_ERRORS[names]) for name in names]
    if names == (COVARIANCE,):
        _check_covariance(file, errors[0])
        return CorrelatedErrors(errors[0])
    for name, error in zip(names, errors, strict=True):
        if np.any(error.values <= 0):
            raise file.data_error(
                "table",
                f"{name!r} has {float(error.values.min()):g}, expected distances > 0, both "
                "downwards and upwards",
            )
    return NormalErrors(*errors) if names == (SIGMA,) else AsymmetricErrors(*errors)


#: Units of a covariance.
_SQUARES = ["1", "counts2", "counts^2"]


def _check_covariance(file: CardFile, covariance: xr.DataArray) -> None:
    sizes = covariance.sizes
    if sizes["bin"] != sizes[OTHER_BIN]:
        raise file.data_error(
            "table",
            f"{COVARIANCE!r} has {sizes['bin']} bins by {sizes[OTHER_BIN]}, expected as many by as "
            "many",
        )
    for run, matrix in zip(covariance["run"].values, covariance.values, strict=True):
        what = f"{COVARIANCE!r} of run {run}"
        if np.abs(matrix - matrix.T).max() > _SYMMETRIC * np.abs(matrix).max():
            raise file.data_error("table", f"{what} is not symmetric")
        least = float(np.linalg.eigvalsh(matrix).min())
        if not least > 0:
            raise file.data_error(
                "table", f"{what} has the eigenvalue {least:.3g}, expected all > 0"
            )


def _of_templates(
    file: CardFile, data: xr.Dataset, backgrounds: tuple[Template, ...]
) -> CountLikelihood:
    """Add the errors of all templates up, in quadrature, at nominal scales."""
    card = file.card
    square, expected = (np.zeros((data.sizes["run"], data.sizes["bin"])) for _ in range(2))
    found = []
    for part in backgrounds:
        entry = card.background[part.name]
        scale = prod(card.nuisance[name].nominal for name in part.scaled_by)
        expected += scale * at_nominal_nodes(card, part.values).transpose("run", "bin").values
        name = f"{entry.template}{_ERROR}"
        if name not in data:
            continue
        check_shape(file, data, name, {"run", "bin"})
        check_numbers(file, "template_errors", data[name])
        key, unit = f"background.{part.name}.template", str(data[entry.template].attrs["units"])
        check_unit(file, key, data[name], [unit])
        exposure = data["exposure"] if BACKGROUND_UNITS[unit] else 1.0
        own = scale * entry.factor * data[name].astype(float) * exposure
        square += own.transpose("run", "bin").values ** 2
        found.append(name)
    if not found:
        names = ", ".join(f"{part.template}{_ERROR}" for part in card.background.values())
        raise file.error(
            "template_errors",
            f"the table has no errors of templates (expected one or more of {names or 'none'})",
        )
    error = np.where(square > _NARROW * expected, np.sqrt(square), 0.0)
    coords = {"run": data["run"], "bin": data["bin"]}
    return TemplateErrors(xr.DataArray(error, coords, ("run", "bin")))
