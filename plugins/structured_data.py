"""What a page tells machines: one schema.org graph, with nothing that the page does not show, as
https://developers.google.com/search/docs/appearance/structured-data/sd-policies asks. `FAQPage` is
a separate node: `mainEntity` would have two meanings on a page of two types."""

import json

from markupsafe import Markup

from contract import ANCHOR
from plugins.addresses import absolute_url
from plugins.cache.digests import pure
from plugins.words import bcp47


class Graphs:
    """Builds the graphs of one site. `settings` are Pelican's, with an absolute SITEURL."""

    def __init__(self, settings):
        site = self.site = absolute_url(settings["SITEURL"], "")
        self.lang = bcp47(settings["DEFAULT_LANG"])
        self.publisher, self.website = _ref(f"{site}#publisher"), _ref(f"{site}#website")
        name, logo, about = settings["PUBLISHER"]["name"], f"{site}favicon.svg", f"{site}about/"
        organization = {"@type": "Organization", **self.publisher, "name": name, "url": site}
        organization |= {"logo": logo, "publishingPrinciples": about}
        website = {"@type": "WebSite", **self.website, "url": site, "name": settings["SITENAME"]}
        website |= {"publisher": self.publisher, "inLanguage": self.lang}
        self.nodes = [organization, website]

    @pure
    def article_graph(self, article, address, description, crumbs, content) -> dict:
        """Return the graph of an article page: `address` is absolute, `crumbs` a list of (name,
        absolute address) from the home page to the category, `content` a dict with the `questions`
        and the number of `words` of its text, the `replies` that it shows, and their `count`."""
        lang = bcp47(article.lang)
        changed = getattr(article, "modified", article.date)
        dates = {"datePublished": article.date.isoformat(), "dateModified": changed.isoformat()}
        page = {"@type": "MedicalWebPage", "@id": address, "url": address, "name": article.title}
        page |= {"isPartOf": self.website, "breadcrumb": _ref(f"{address}#breadcrumb")}
        page |= {"mainEntity": _ref(f"{address}#article"), **dates, "inLanguage": lang}
        page["medicalAudience"] = {"@type": "MedicalAudience", "audienceType": "Patient"}
        if hasattr(article, "reviewed_by"):
            page |= {"reviewedBy": _person(article.reviewed_by), "lastReviewed": article.reviewed}
        by = _person(str(article.author)) if hasattr(article, "author") else self.publisher
        posting = {"@type": "BlogPosting", "@id": f"{address}#article"}
        posting |= {"mainEntityOfPage": _ref(address), "headline": article.title}
        posting |= {"description": description, **dates, "author": by, "publisher": self.publisher}
        posting |= {"inLanguage": lang, "isAccessibleForFree": True}
        posting |= {"image": f"{self.site}{article.card.path}", "wordCount": content["words"]}
        posting["articleSection"] = str(article.category)
        if getattr(article, "tags", None):
            posting["keywords"] = [str(tag) for tag in article.tags]
        if content["replies"] is not None:
            posting["commentCount"] = content["count"]
            posting["discussionUrl"] = f"{address}#leave-a-reply"
        if content["replies"]:
            posting["comment"] = [_comment(reply, address) for reply in content["replies"]]
        nodes = [page, posting]
        if content["questions"]:
            page["hasPart"] = _ref(f"{address}#faqs")
            nodes.append(_faq_page(content["questions"], address, lang))
        return self._graph(*nodes, _breadcrumb([*crumbs, (article.title, None)], address))

    @pure
    def page_graph(self, kind, title, address, description, crumbs) -> dict:
        """Return the graph of any other page; `kind` is its type, such as CollectionPage."""
        page = {"@type": kind, "@id": address, "url": address, "name": title}
        page |= {"description": description, "isPartOf": self.website, "inLanguage": self.lang}
        if not crumbs:
            return self._graph(page)
        page["breadcrumb"] = _ref(f"{address}#breadcrumb")
        return self._graph(page, _breadcrumb([*crumbs, (title, None)], address))

    def _graph(self, *nodes) -> dict:
        return {"@context": "https://schema.org", "@graph": [*self.nodes, *nodes]}


def _ref(address: str) -> dict:
    return {"@id": address}


def _person(name: str) -> dict:
    return {"@type": "Person", "name": name}


def _faq_page(questions, address, lang) -> dict:
    page = {"@type": "FAQPage", "@id": f"{address}#faqs", "isPartOf": _ref(address)}
    page |= {"inLanguage": lang, "mainEntity": []}
    for question in questions:
        answer = {"@type": "Answer", "text": question.answer_text}
        node = {"@type": "Question", "@id": f"{address}#{question.id}", "name": question.text}
        page["mainEntity"].append({**node, "acceptedAnswer": answer})
    return page


def _comment(reply, address) -> dict:
    when = {"dateCreated": reply.created.isoformat(), "url": f"{address}#{ANCHOR}{reply.id}"}
    return {"@type": "Comment", "author": _person(reply.author), **when}


def _breadcrumb(crumbs, address) -> dict:
    items = [
        {"@type": "ListItem", "position": n, "name": name} | ({"item": _ref(to)} if to else {})
        for n, (name, to) in enumerate(crumbs, 1)
    ]
    return {"@type": "BreadcrumbList", "@id": f"{address}#breadcrumb", "itemListElement": items}


@pure
def to_json(value) -> Markup:
    """Return `value` as JSON that is safe inside a script element, letters kept as they are."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)
