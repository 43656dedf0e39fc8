"""What a page says to machines: one schema.org graph, built as a dict and printed once.

It says nothing that the page does not show (Google's structured data policies,
https://developers.google.com/search/docs/appearance/structured-data/sd-policies). `FAQPage` is a
node of its own: typing the page as both MedicalWebPage and FAQPage would give `mainEntity` two
meanings.
"""

import json

from markupsafe import Markup
from pelican import signals

from comments.contract import ANCHOR
from plugins.cache.digests import pure
from plugins.words import bcp47


class Graphs:
    """Builds the graphs of one site. `settings` are Pelican's, with an absolute SITEURL."""

    def __init__(self, settings):
        self.site = settings["SITEURL"].rstrip("/") + "/"
        self.name = settings["SITENAME"]
        self.publisher = settings["PUBLISHER"]["name"]
        self.lang = bcp47(settings["DEFAULT_LANG"])

    @pure
    def article_graph(self, article, address, description, crumbs, content) -> dict:
        """Return the graph of an article page.

        `address` is its absolute address, `crumbs` a list of (name, absolute address) from the home
        page to the category, `content` a dict with what was read from the finished HTML:
        `questions`, `words` (a number), `replies`, those that the page shows, and their `count`.
        """
        lang = bcp47(article.lang)
        changed = getattr(article, "modified", article.date)
        dates = {"datePublished": article.date.isoformat(), "dateModified": changed.isoformat()}
        page = {
            "@type": "MedicalWebPage",
            "@id": address,
            "url": address,
            "name": article.title,
            "isPartOf": {"@id": f"{self.site}#website"},
            "breadcrumb": {"@id": f"{address}#breadcrumb"},
            "mainEntity": {"@id": f"{address}#article"},
            **dates,
            "inLanguage": lang,
            "medicalAudience": {"@type": "MedicalAudience", "audienceType": "Patient"},
        }
        if hasattr(article, "reviewed_by"):
            page["reviewedBy"] = {"@type": "Person", "name": article.reviewed_by}
            page["lastReviewed"] = article.reviewed
        posting = {
            "@type": "BlogPosting",
            "@id": f"{address}#article",
            "mainEntityOfPage": {"@id": address},
            "headline": article.title,
            "description": description,
            **dates,
            "author": self._author(article),
            "publisher": {"@id": f"{self.site}#publisher"},
            "inLanguage": lang,
            "isAccessibleForFree": True,
            "image": f"{self.site}{article.card.path}",
            "wordCount": content["words"],
            "articleSection": str(article.category),
        }
        if getattr(article, "tags", None):
            posting["keywords"] = [str(tag) for tag in article.tags]
        if content["replies"] is not None:
            posting["commentCount"] = content["count"]
            posting["discussionUrl"] = f"{address}#leave-a-reply"
        if content["replies"]:
            posting["comment"] = [_comment(reply, address) for reply in content["replies"]]
        nodes = [*self._site_nodes(), page, posting]
        if content["questions"]:
            page["hasPart"] = {"@id": f"{address}#faqs"}
            nodes.append(self._faq_page(content["questions"], address, lang))
        return _graph([*nodes, _breadcrumb([*crumbs, (article.title, None)], address)])

    @pure
    def page_graph(self, kind, title, address, description, crumbs) -> dict:
        """Return the graph of any other page; `kind` is its type, such as CollectionPage."""
        page = {
            "@type": kind,
            "@id": address,
            "url": address,
            "name": title,
            "description": description,
            "isPartOf": {"@id": f"{self.site}#website"},
            "inLanguage": self.lang,
        }
        nodes = [*self._site_nodes(), page]
        if crumbs:
            page["breadcrumb"] = {"@id": f"{address}#breadcrumb"}
            nodes.append(_breadcrumb([*crumbs, (title, None)], address))
        return _graph(nodes)

    def _site_nodes(self) -> list[dict]:
        return [
            {
                "@type": "Organization",
                "@id": f"{self.site}#publisher",
                "name": self.publisher,
                "url": self.site,
                "logo": f"{self.site}favicon.svg",
                "publishingPrinciples": f"{self.site}about/",
            },
            {
                "@type": "WebSite",
                "@id": f"{self.site}#website",
                "url": self.site,
                "name": self.name,
                "publisher": {"@id": f"{self.site}#publisher"},
                "inLanguage": self.lang,
            },
        ]

    def _author(self, article) -> dict:
        if hasattr(article, "author"):
            return {"@type": "Person", "name": str(article.author)}
        return {"@id": f"{self.site}#publisher"}

    @staticmethod
    def _faq_page(questions, address, lang) -> dict:
        return {
            "@type": "FAQPage",
            "@id": f"{address}#faqs",
            "isPartOf": {"@id": address},
            "inLanguage": lang,
            "mainEntity": [
                {
                    "@type": "Question",
                    "@id": f"{address}#{question.id}",
                    "name": question.text,
                    "acceptedAnswer": {"@type": "Answer", "text": question.answer_text},
                }
                for question in questions
            ],
        }


def _graph(nodes) -> dict:
    return {"@context": "https://schema.org", "@graph": nodes}


def _comment(reply, address) -> dict:
    return {
        "@type": "Comment",
        "author": {"@type": "Person", "name": reply["author"]},
        "dateCreated": reply["created"],
        "url": f"{address}#{ANCHOR}{reply['id']}",
    }


def _breadcrumb(crumbs, address) -> dict:
    items = []
    for position, (name, item) in enumerate(crumbs, 1):
        entry = {"@type": "ListItem", "position": position, "name": name}
        if item:
            entry["item"] = {"@id": item}
        items.append(entry)
    return {"@type": "BreadcrumbList", "@id": f"{address}#breadcrumb", "itemListElement": items}


@pure
def to_json(value) -> Markup:
    """Return `value` as JSON that is safe inside a script element, letters kept as they are."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


def register():
    """Offer the graphs to templates."""
    signals.generator_init.connect(_offer)


def _offer(generator):
    graphs = Graphs(generator.settings)
    generator.env.globals["article_graph"] = graphs.article_graph
    generator.env.globals["page_graph"] = graphs.page_graph
    generator.env.filters["to_json"] = to_json
