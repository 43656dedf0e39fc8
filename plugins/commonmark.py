"""A parser of CommonMark, with tables as on GitHub, footnotes, definitions and admonitions."""

from markdown_it import MarkdownIt
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.admon.index import admonition
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin


def make_parser() -> MarkdownIt:
    """Return a parser that reads blocks and words."""
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
    for plugin in (footnote_plugin, deflist_plugin, admon_plugin):
        parser.use(plugin)
    alt = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.at("admonition", _admonition, alt)
    return parser.disable("footnote_inline")


def _admonition(state, start: int, end: int, silent: bool) -> bool:
    """Read an admonition, which goes on below several empty lines."""
    if state.src.startswith("!!!", state.bMarks[start] + state.tShift[start]):
        for line in range(start + 1, end):
            if state.isEmpty(line):
                state.sCount[line] = state.eMarks[end - 1]  # as indented as any text can be
            elif state.sCount[line] <= state.blkIndent:
                break
    return admonition(state, start, end, silent)
