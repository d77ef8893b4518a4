"""From raw public releases to the package's own compact tables.

``fetch`` downloads a release by its DOI, ``build`` derives the tables from it, ``verify`` proves
that the tables are those that were built. A builder (``product.builder``) is a module named as its
target: it reads the raw release (``reading``) and says of each variable of a table what it is
(``columns``). What stands beside the tables is written by hand, ``data/<target>/REFERENCE``.
"""

from __future__ import annotations

from bayes_cevns.releases.catalogue import BUILDERS, build, default_releases_dir
from bayes_cevns.releases.fetching import RELEASES, Release, fetch
from bayes_cevns.releases.product import Builder, Product
from bayes_cevns.releases.store import verify

__all__ = [
    "BUILDERS",
    "RELEASES",
    "Builder",
    "Product",
    "Release",
    "build",
    "default_releases_dir",
    "fetch",
    "verify",
]
