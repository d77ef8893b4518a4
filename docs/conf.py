"""The documentation site: its pages, and what makes them.

The source folder is the repository, so that README, docs, validation and notebooks are pages
where they are, and their links to each other hold here as they do in a checkout. Nothing is
fetched: a build needs no network.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Scripts of the gallery draw what the modules of validation compute.
sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "_ext"), str(ROOT / "validation")]
# Pages are executed in other processes, which find the package of this checkout as well.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
# Kernels run `ipython/commands.py` first, so that a command that fails fails its page.
startup = ROOT / "docs" / "_generated" / "ipython" / "profile_default" / "startup"
startup.mkdir(parents=True, exist_ok=True)
shutil.copy(ROOT / "docs" / "_ext" / "ipython" / "commands.py", startup)
os.environ["IPYTHONDIR"] = str(startup.parents[1])
# Commands on pages are those of this environment, also where it is not the active one.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
os.environ.pop("MPLBACKEND", None)  # figures of cells are shown as IPython shows them

from bayes_cevns import __version__  # noqa: E402

project = "bayes_cevns"
author = "the authors of bayes_cevns"
version = release = __version__
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_gallery.gen_gallery",
    "api_page",
    "catalogue_pages",
    "limits_browser",
]

root_doc = "docs/index"
include_patterns = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/**",
    "validation/**.md",
    "benchmarks/*.md",
    "notebooks/*.ipynb",
]
exclude_patterns = [
    ".*",
    "**/.ipynb_checkpoints",
    "bayes_cevns",
    "data",
    "results",
    "docs/_build",
    "docs/_templates",
    "docs/examples",
    "docs/gallery",
    "docs/_generated/best_limits.md",  # it is a part of a page
    "docs/_generated/gallery/**.ipynb",
    "docs/_generated/gallery/**.py",
]
# sphinx-gallery has functions in its options; attributes of several classes have one name.
suppress_warnings = ["config.cache", "ref.python"]
templates_path = ["_templates"]

# Markdown and notebooks: pages with code are executed, notebooks show their committed outputs.
nb_execution_mode = "auto"
nb_execution_timeout = 240
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_merge_streams = True
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autosummary_generate = [str(ROOT / "docs" / "_generated" / "api.rst")]
autosummary_imported_members = True
autodoc_default_options = {"members": True, "show-inheritance": False}
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # NumPy docstrings say what parameters are
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

sphinx_gallery_conf = {
    "examples_dirs": ["docs/gallery"],
    "gallery_dirs": ["docs/_generated/gallery"],
    "filename_pattern": r"/plot_",
    "within_subsection_order": "FileNameSortKey",
    "capture_repr": (),  # figures alone, not the legends that last lines return
    "download_all_examples": False,
    "show_memory": False,
    "write_computation_times": False,
    "min_reported_time": 10_000,
    "abort_on_example_error": True,
    "remove_config_comments": True,
    "copyfile_regex": r"",
}

html_theme = "furo"
html_title = "bayes_cevns"
# Made by limits_browser, after Sphinx has looked whether it is there.
(ROOT / "docs" / "_generated" / "static").mkdir(parents=True, exist_ok=True)
html_static_path = ["_static", "_generated/static"]
html_css_files = ["site.css"]
html_additional_pages = {"index": "to_docs.html"}
html_copy_source = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": False}
