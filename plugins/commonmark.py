"""A parser of CommonMark, with tables as on GitHub, footnotes, definitions and admonitions."""

from markdown_it import MarkdownIt
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin


def make_parser() -> MarkdownIt:
    """Return a parser that reads blocks and words."""
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
    for plugin in (footnote_plugin, deflist_plugin, admon_plugin):
        parser.use(plugin)
    return parser.disable("footnote_inline")
