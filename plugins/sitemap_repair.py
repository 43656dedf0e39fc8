"""The sitemap that pelican-sitemap 1.2.2 writes, its addresses kept and all else written anew: it
does not escape them, writes `ref` for `href` in links to translations and dates lists of articles
by the clock. https://www.sitemaps.org/protocol.html and
https://developers.google.com/search/docs/specialty/international/localized-versions"""

import re
from pathlib import Path

from lxml import etree
from pelican import signals
from pelican.plugins.sitemap.sitemap import generator

from plugins.addresses import absolute_url

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"


class SitemapRepair:
    """Remembers what each page was written from, and corrects the sitemap when all is written."""

    def __init__(self):
        self.pages = {}

    def start(self, pelican):
        """Forget an earlier build of the same process. pelican-sitemap itself does not, after one
        that failed, and would never write a sitemap again."""
        self.pages = {}
        generator.__init__()
        generator.init(pelican)

    def note(self, path, context):
        """Remember the content of one written page."""
        content = context.get("article") or context.get("page")
        dated = [content] if content else context.get("articles_page", context.get("articles"))
        self.pages[context["output_file"]] = content, getattr(dated, "object_list", dated) or []

    def write(self, pelican):
        """Write the sitemap anew from the addresses that pelican-sitemap put into it."""
        generator.finalize(pelican)  # does nothing if it has written its sitemap already
        path, site = Path(pelican.output_path, "sitemap.xml"), pelican.settings["SITEURL"]
        pages = {absolute_url(site, name): page for name, page in self.pages.items()}
        root = etree.Element(f"{{{SITEMAP}}}urlset", nsmap={None: SITEMAP, "xhtml": XHTML})
        for stated in re.findall("<loc>(.*?)</loc>", path.read_text("utf-8")):
            address = absolute_url(site, stated.removeprefix(absolute_url(site, "")))
            content, dated = pages.get(address, (None, []))
            url = etree.SubElement(root, f"{{{SITEMAP}}}url")
            etree.SubElement(url, f"{{{SITEMAP}}}loc").text = address
            times = [getattr(one, "modified", None) or getattr(one, "date", None) for one in dated]
            if changed := max(filter(None, times), default=None):
                etree.SubElement(url, f"{{{SITEMAP}}}lastmod").text = changed.isoformat()
            for lang, target in _translations(content):
                link = {"rel": "alternate", "hreflang": lang, "href": absolute_url(site, target)}
                etree.SubElement(url, f"{{{XHTML}}}link", link)
        etree.indent(root)
        text = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
        path.write_bytes(text)


def _translations(content) -> list[tuple[str, str]]:
    """Return (language, address) of a page with translations and of each of them."""
    translations = getattr(content, "translations", None) or []
    pages = [content, *translations] if translations else []
    default = [("x-default", page.url) for page in pages if page.is_default]
    return sorted([*((page.lang, page.url) for page in pages), *default])


_repair = SitemapRepair()


def register():
    """Correct the sitemap once pelican-sitemap has written it."""
    signals.initialized.connect(_repair.start)
    signals.content_written.connect(_repair.note)
    signals.finalized.connect(_repair.write)
