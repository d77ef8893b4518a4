"""Credible exclusions of new neutrino interactions from public CEvNS data.

>>> import bayes_cevns as bc
>>> scan = bc.scan("xenonnt_cevns", interaction="b-l", masses_mev=[1.0, 10.0])  # doctest: +SKIP
>>> bc.limits(scan.points[0].fit, 0.9)  # doctest: +SKIP

What there is, is listed in ``__init__.pyi`` alone, by what one needs first, and imported at first
use: `--help` and the physics should not wait for PyMC.
"""

import lazy_loader

from bayes_cevns.storage.caches import find_writable

__version__ = "0.1.0"

# Before anything imports PyTensor, which cannot be imported where its folder cannot be made.
find_writable()

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
