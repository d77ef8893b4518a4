"""Where things are in the two arrays of a model: integers that describe it, and all its numbers.

A record is a run of integers. What follows here are the places of its fields; those that end in
``_AT`` are themselves places, in the integers or in the numbers.
"""

from __future__ import annotations

from typing import Final

# The head of the integers.
SIZE: Final = 0  # number of parameters
PARAMETERS_AT: Final = 1  # records of parameters, in the integers
COUPLING_KIND: Final = 2
COUPLINGS: Final = 3  # number of couplings
COUPLING_NUMBERS_AT: Final = 4
PRIOR_MAP: Final = 5
SIGNED: Final = 6  # whether the sign of x is observable
POWER_AT: Final = 7  # the power of x that is quoted, in the numbers
WAYS: Final = 8  # number of ways of solar neutrinos
WAYS_AT: Final = 9
MATTER_AT: Final = 10
EXPERIMENTS: Final = 11
EXPERIMENTS_AT: Final = 12
WORK: Final = 13  # how many numbers of work space a call needs
BINS_OF_ALL: Final = 14  # bins of all experiments
CHART_PIECES: Final = 15  # pieces of the curve of a chart
CHART_AT: Final = 17  # the chart of the sampler's coordinates (`density.chart`), or -1
PLANES: Final = 18  # number of soft planes
STATES: Final = 19  # numbers of all states of all ways: coefficients by energy, and parts
KEPT: Final = 20  # numbers that the propagations of all ways keep
NODES: Final = 21  # how many integers of work space a call needs
HEAD: Final = 24

#: Numbers of work space that the adjoint of each coupling needs.
ROOM_OF_COUPLING: Final = 3

# A parameter.
TRANSFORM: Final = 0
TRANSFORM_NUMBERS_AT: Final = 1  # lower, upper; of a stretched one: lower, upper, -, -, length
PRIOR: Final = 2
PRIOR_NUMBERS_AT: Final = 3  # up to three numbers, then the logarithm of the norm
PARAMETER: Final = 4

# An experiment.
FOLDS: Final = 0
FOLDS_AT: Final = 1
BINS: Final = 2
LIKELIHOOD: Final = 3
OBSERVED_AT: Final = 4
BIN_NUMBERS_AT: Final = 5  # arrays of numbers by bin, one after the other
CONSTANT_AT: Final = 6  # what the likelihood has besides
FORM_AT: Final = 7  # a form of all components of the first fold, in the integers
ARRIVING: Final = 8  # parts of the signal that come in states which couplings change
ARRIVING_AT: Final = 9
SIGNALS: Final = 10  # leading components of the first fold that are signals
WIDTH: Final = 11  # all components of the first fold
EXPERIMENT: Final = 12

# A fold: a rate table, interpolated at places on axes, times a factor for each component.
AXES: Final = 0
COMPONENTS: Final = 1
WHOLE_AT: Final = 2  # whole and real numbers of a `bayes_cevns.tables.fold.Fold`, and how many
WHOLE_SIZE: Final = 3
REAL_AT: Final = 4
REAL_SIZE: Final = 5
OWN_NODES: Final = 6  # its work space, of integers and of numbers
OWN_WORK: Final = 7
PLACES_AT: Final = 8  # parameters that are places on the axes, in the integers
FACTORS_AT: Final = 9  # for each component where its factors begin, and where the last ends
FOLD: Final = 10

# A part of the signals in states that couplings change.
WAY_OF: Final = 0
PRODUCTS_AT: Final = 1  # a form of pairs x 9 components, in the integers
PAIRS: Final = 2
MIXING_AT: Final = 3  # (nodes, pairs, components)
PART: Final = 4

# A quadratic form: `bayes_cevns.couplings.sparse_form.SparseForm`, with room for all rows.
VALUES_AT: Final = 0
COLUMNS_AT: Final = 1  # in the integers
ROWS: Final = 2  # number of monomials; these follow
FORM: Final = 3

# A way of solar neutrinos.
FLAVOURS: Final = 0
ENERGIES: Final = 1
SINE: Final = 2  # parameter, or -1 where it is fixed
DM21: Final = 3
FIXED_AT: Final = 4  # fixed sin^2 theta_12, dm21 in eV^2, and the unit of the parameter dm21
OCTANT_AT: Final = 5  # or -1
TABLES_AT: Final = 6  # for each table its place in the numbers and its four dimensions
PARTS: Final = 7  # of a density matrix, of which every state is a sum
KEPT_OF_WAY: Final = 8
WAY: Final = 9
