"""What readers reach: the pages that the theme links to exist, and links lead to every page."""

import re
from collections import defaultdict
from collections.abc import Iterator

from plugins.addresses import normalize_url
from plugins.problems import Problem, display_path
from plugins.rules.addresses import SiteIndex
from plugins.rules.fields import PAGE
from plugins.schedule import is_listed

_THEME_LINK = re.compile(r"[\"']\{\{ *SITEURL *\}\}/([\w-]+)/[\"'#?]")


def theme_links(site: SiteIndex) -> Iterator[Problem]:
    """Yield links of the theme to pages that do not exist, each page once. A site may begin without
    any of them."""
    linking: dict[str, dict[str, int]] = defaultdict(dict)
    for path, text in site.theme.items():
        for match in _THEME_LINK.finditer(text):
            line = text[: match.start()].count("\n") + 1
            linking[match[1]].setdefault(display_path(path), line)
    targets = {name: site.targets.get(name) for name in sorted(linking.keys() - site.taken.keys())}
    has_pages = any(target and target.document for target in targets.values())
    for name, target in targets.items() if has_pages else ():
        document = target and target.document
        # A provider of replies that is not used may link to anything.
        is_used = any("/comments/" not in path for path in linking[name])
        if is_used and (not target or document and not document.is_published):
            (path, line), *others = linking[name].items()
            what = f'the link to "/{name}/" is broken: no published page has that address'
            fix = f'write a page with "Slug: {name}"'
            fix = f'write "Status: published" in "{document.source.name}"' if document else fix
            also = f" (also from {', '.join(other for other, _ in others)})" if others else ""
            yield Problem(path, line, 0, what, f"{fix}, or delete the link{also}")


def orphans(site: SiteIndex) -> Iterator[Problem]:
    """Yield pages that no link leads to. Articles are in lists, which the theme links to."""
    texts = site.theme.values()
    if any(re.search(r"\bin pages\b|\bpages *\|", text) for text in texts):
        return  # the theme has a list of them
    names = {name for text in texts for name in _THEME_LINK.findall(text)}
    waiting = [site.targets[name].document for name in names if name in site.targets]
    listed = [one for one in site.documents.values() if is_listed(one.stated_status)]
    waiting += [one for one in listed if one.kind != PAGE]
    reached = set()
    while waiting:
        if (document := waiting.pop()) and document.name not in reached:
            reached.add(document.name)
            paths = {normalize_url(url.partition("#")[0]) for url in document.addresses.values()}
            waiting += [site.targets[path].document for path in paths if path in site.targets]
            waiting += [other.document for other in getattr(document.content, "translations", ())]
    for page in listed:
        if page.name not in reached and page.is_published:
            what = "no page links to this one, so readers cannot find it"
            fix = 'link to it from another page or the theme, or add "Status: hidden"'
            yield from page.source.problems([(0, what, fix)])
