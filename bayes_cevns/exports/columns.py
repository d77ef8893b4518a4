"""What every column of a table of results is: its unit, and a sentence.

The one list of them: headers of CSV files, variables of HEPData and columns of JSON take their
units and words from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from bayes_cevns.errors import DataError
from bayes_cevns.reports.tables import Rows

#: The unit of a column is that of the quoted coupling, which the column ``unit`` has.
OF_COUPLING = "coupling"


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes
    ----------
    unit
        Its unit; ``"1"`` for a pure number, ``""`` for words and truth values, `OF_COUPLING` for
        the unit of the coupling.
    words
        What it is.
    """

    unit: str
    words: str


def _of(unit: str, /, **words: str) -> dict[str, Column]:
    return {name: Column(unit, text) for name, text in words.items()}


COLUMNS: dict[str, Column] = {
    **_of(
        "",
        experiment="experiments of the fit, joined with +, their runs in brackets",
        interaction="name of the interaction; sm is the Standard Model",
        model="name of the interaction of the model; sm is the Standard Model",
        coupling="symbol of the quoted coupling",
        unit="unit of the quoted coupling; 1 for none",
        data="what the data are: observed, asimov or toy:N, joined with +",
        kind="what limits are: credible, or of a confidence level (CL)",
        prior="name of the prior of the coupling",
        prior_text="in what the prior is uniform, and chosen priors of nuisances",
        side="upper, or the sign of the amplitude for which a limit holds: positive, negative",
        at_bound="ends at which the range of a prior or scan matters: low, high, both",
        at_physical="ends at which the parameter itself ends, such as zero",
        bound_of="coupling on whose range the ends depend",
        phase_convention="where the CP phase stands in the mixing matrix",
        zero_excluded="whether zero lies outside of the region of this sign",
        passed="whether the fit passed its gate; numbers of fits that failed are not to be quoted",
        agrees="whether limit and preview agree within their errors",
        method="how the number was found",
        parameter="name of the coupling",
        toy_nuisances="how nuisances of toys were drawn",
        diagnosis="what power scaling says of the prior",
        run="run of the experiment; all if they are added up",
        observable="what was checked: total, bins, an observable, or a constraint",
        statistic="counts, deviance from the expected counts, or value of a nuisance",
        ppc_worst="the check with the least p-value",
        quantity="what was ranked; of coverage, a coupling or two of them",
        inside_band="whether the ranks lie within their 95% simultaneous band",
        truth="name of the truth",
        true_couplings="couplings that are true, by name",
        interval="number of the piece of a region; of coverage, which interval it is",
    ),
    **_of(
        "MeV",
        mass_mev="mediator mass, or what the mass of the interaction is",
    ),
    **_of(
        OF_COUPLING,
        limit="limit on the quoted coupling",
        mc_error="Monte-Carlo standard error of the limit",
        preview="limit by Laplace's approximation, for comparison",
        low="lower end",
        high="upper end",
        best_fit="best fit of the quoted coupling",
        observed="limit of the observed data; of a check, its statistic of the data",
        observed_error="Monte-Carlo standard error of the observed limit",
        asimov="limit of Asimov data",
        asimov_error="Monte-Carlo standard error of the Asimov limit",
        minus_2_sigma="quantile of toys' limits at -2 sigma",
        minus_1_sigma="quantile of toys' limits at -1 sigma",
        median="median of toys' limits; of a check, of the replicas",
        plus_1_sigma="quantile of toys' limits at +1 sigma",
        plus_2_sigma="quantile of toys' limits at +2 sigma",
        minus_2_sigma_error="its standard error from the number of toys",
        minus_1_sigma_error="its standard error from the number of toys",
        median_error="its standard error from the number of toys",
        plus_1_sigma_error="its standard error from the number of toys",
        plus_2_sigma_error="its standard error from the number of toys",
        max_coupling="upper end of the prior of the coupling",
        coupling_low="lower end of the prior of the coupling",
        coupling_high="upper end of the prior of the coupling",
        true_coupling="coupling that is true",
    ),
    **_of(
        "",
        observed_at_bound="at_bound of the observed limit",
        asimov_at_bound="at_bound of the Asimov limit",
    ),
    **_of(
        "1",
        level="credible or confidence level",
        band="number of the piece of the highest-density region",
        probability="posterior probability of the band",
        branch_weight="posterior probability of the mode that contains the interval",
        critical_value="-2 ln L at the limit above its minimum",
        ratio="limit over that with the prior of the fit",
        ratio_flat="limit with the prior flat over this one",
        ratio_flat_rate="limit with the prior flat-rate over this one",
        ratio_log="limit with the prior log over this one",
        pareto_k="shape of the tail of the weights; of cross-validation the largest one",
        psense_coupling="power-scaling sensitivity to the prior of the coupling",
        psense_nuisances="power-scaling sensitivity to the priors of the nuisances",
        psense_likelihood="power-scaling sensitivity to the likelihood",
        toys="number of toys",
        toys_failed="toys whose fit failed its gate",
        fits="number of fits",
        p_value="p-value",
        log_evidence="natural logarithm of the evidence",
        log_evidence_error="its standard error",
        log_bayes_factor="natural logarithm of the Bayes factor to the first model",
        log_bayes_factor_error="its standard error",
        log_dickey_ratio="the same from the posterior at zero coupling",
        log_dickey_ratio_error="its standard error",
        elpd_loo="expected log predictive density, leaving one bin out",
        elpd_loo_se="its standard error",
        elpd_difference="the same less that of the first model",
        elpd_difference_se="its standard error",
        p_loo="effective number of parameters",
        ppc_p_value="least predictive p-value",
        coverage="fraction of intervals that hold the truth",
        error="its binomial standard error",
        coupling_product="amplitude x that is true",
    ),
}

#: Columns whose unit is not that of the coupling in some tables.
_ELSEWHERE = {"checks.csv": "1"}


def column_of(name: str, table: str) -> Column:
    """Return what a column of a table is.

    Raises
    ------
    DataError
        If the list does not have it.
    """
    if name not in COLUMNS:
        raise DataError(f"{table} has the column {name!r}, of which the unit is not known")
    found = COLUMNS[name]
    if found.unit == OF_COUPLING and table in _ELSEWHERE:
        return Column(_ELSEWHERE[table], found.words)
    return found


def unit_of(name: str, table: str, rows: Rows) -> str:
    """Return the unit of a column: where it is that of the coupling, what the rows have for it.

    Where rows have couplings of different units, it is ``"see unit"``.
    """
    unit = column_of(name, table).unit
    if unit != OF_COUPLING:
        return unit
    units = {row.get("unit") or "1" for row in rows if row.get("coupling")}
    return units.pop() if len(units) == 1 else "see unit" if units else "1"
