"""The sitemap that pelican-sitemap writes, repaired by the protocol's rules.

pelican-sitemap 1.2.2 does not escape addresses, writes `ref` for `href` in links to translations
and dates lists of articles by the clock. The addresses are kept as it chose them, all else is
written anew: https://www.sitemaps.org/protocol.html and
https://developers.google.com/search/docs/specialty/international/localized-versions
"""

import re
from pathlib import Path

from lxml import etree
from pelican import signals
from pelican.plugins.sitemap.sitemap import generator

from plugins.addresses import absolute_url

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
_LOC = re.compile(r"<loc>(.*?)</loc>")


class Repair:
    """Remembers what each page was written from, and mends the sitemap when all is written."""

    def __init__(self):
        self.pages = {}

    def start(self, pelican):
        """Forget an earlier build of the same process. pelican-sitemap itself does not, after one
        that failed, and would never write a sitemap again."""
        self.pages = {}
        generator._main_pelican = None
        generator.page_queue = []

    def note(self, path, context):
        """Remember the content of one written page."""
        content = context.get("article") or context.get("page")
        dated = [content] if content else context.get("articles_page", context.get("articles"))
        if hasattr(dated, "object_list"):
            dated = dated.object_list
        self.pages[context["output_file"]] = (content, dated or [])

    def mend(self, pelican):
        """Write the sitemap anew from the addresses that pelican-sitemap put into it."""
        path = Path(pelican.output_path) / "sitemap.xml"
        site = pelican.settings["SITEURL"].rstrip("/") + "/"
        by_address = {absolute_url(site, name): page for name, page in self.pages.items()}
        root = etree.Element(f"{{{SITEMAP}}}urlset", nsmap={None: SITEMAP, "xhtml": XHTML})
        for stated in _LOC.findall(path.read_text("utf-8")):
            address = absolute_url(site, stated.removeprefix(site))
            content, dated = by_address.get(address, (None, []))
            url = etree.SubElement(root, f"{{{SITEMAP}}}url")
            etree.SubElement(url, f"{{{SITEMAP}}}loc").text = address
            changed = max((moment for moment in map(_changed, dated) if moment), default=None)
            if changed:
                etree.SubElement(url, f"{{{SITEMAP}}}lastmod").text = changed.isoformat()
            _add_translations(url, site, content)
        etree.indent(root)
        path.write_bytes(
            etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
        )


def _changed(content):
    return getattr(content, "modified", None) or getattr(content, "date", None)


def _add_translations(url, site: str, content):
    translations = getattr(content, "translations", [])
    if not translations:
        return
    everyone = [content, *translations]
    links = [(each.lang, each.url) for each in everyone]
    links += [("x-default", each.url) for each in everyone if each.in_default_lang]
    for lang, address in sorted(links):
        attributes = {"rel": "alternate", "hreflang": lang, "href": absolute_url(site, address)}
        etree.SubElement(url, f"{{{XHTML}}}link", attributes)


_repair = Repair()


def register():
    """Run after pelican-sitemap, which PLUGINS must list first."""
    signals.initialized.connect(_repair.start)
    signals.content_written.connect(_repair.note)
    signals.finalized.connect(_repair.mend)
