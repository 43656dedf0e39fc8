"""The owner's facts in pages, each stated once in pelicanconf.py: `{{ PUBLISHER }}` and the other
tokens given to the extension are replaced; anything else stays as written."""

import re

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

TOKEN = re.compile(r"\{\{ ?([A-Z_]+) ?\}\}")
_NAME = "tokens"


class TokensExtension(Extension):
    """Takes `values`, a dict from token name to text."""

    def __init__(self, **kwargs):
        self.config = {"values": [{}, "What each token is replaced by"]}
        super().__init__(**kwargs)

    def extendMarkdown(self, md):
        # After `meta` (27) has taken the metadata, before anything reads the text.
        md.preprocessors.register(_Replace(self.getConfig("values"), md), _NAME, 26)


def known_tokens(md: Markdown) -> dict[str, str]:
    """Return the tokens that a Markdown converter replaces, and by what."""
    return md.preprocessors[_NAME].values if _NAME in md.preprocessors else {}


class _Replace(Preprocessor):
    def __init__(self, values, md):
        super().__init__(md)
        self.values = values

    def run(self, lines):
        return [TOKEN.sub(lambda m: self.values.get(m[1], m[0]), line) for line in lines]
