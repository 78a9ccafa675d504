"""How the documentation is built."""

from pathlib import Path

import skal

project = "skal"
author = "the skal developers"
copyright = "2026, the skal developers"
version = release = skal.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_gallery.gen_gallery",
]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
exclude_patterns = ["_build", "gallery/README*", "sg_execution_times.rst"]
html_theme = "pydata_sphinx_theme"
html_title = f"skal {version}"
html_show_sourcelink = False
# Pages without pages below them have nothing to navigate at the left; wide tables want the room.
html_sidebars = {"*": [], "results/*": [], "api": ["sidebar-nav-bs"], "strategies": ["sidebar-nav-bs"]}

templates_path = ["_templates"]  # of a class: its own methods and those of skal's bases, each in full
autosummary_generate = True
numpydoc_show_class_members = False
autodoc_typehints = "none"  # docstrings have the types, with shapes and in words
myst_heading_anchors = 3
# A reference to something that is not there is a warning, and `make docs` takes warnings for errors.
nitpicky = True
# scikit-learn's mixins refer to pages of their own documentation.
suppress_warnings = ["ref.ref"]

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": "plot_",
    "abort_on_example_error": True,
    # An example that has not changed is run again too: what it calls may have.
    "run_stale_examples": True,
    "show_memory": False,
    "parallel": True,  # as many at once as sphinx is given by -j
}


def write_table_of_strategies(app):
    """Write the page of strategies from the registry: a new strategy is on it with no further edit."""
    from skal.query import strategies

    lines = ["# Strategies", "", "What each reads of the model, and what it does.", ""]
    lines += ["| strategy | reads | what it does |", "|---|---|---|"]
    for name, strategy in strategies().items():
        reads = ", ".join(strategy.info.reads) or "nothing"
        lines.append(f"| {{py:func}}`~skal.query.{name}` | {reads} | {strategy.info.summary} |")
    lines += ["", "```{eval-rst}", ".. currentmodule:: skal.query", ".. autosummary::", "   :toctree: generated", ""]
    lines += [f"   {name}" for name in strategies()]
    lines += ["```", ""]
    (Path(app.srcdir) / "strategies.md").write_text("\n".join(lines))


def setup(app):
    """Write the page before Sphinx looks for pages: autosummary makes stubs of those it finds then."""
    write_table_of_strategies(app)
