"""Is the built site fit to go out? `python -m tools.verify [output]` says what is wrong with it.

Each rule is a generator of problems over the whole site; a rule's docstring is what it promises.
Mistakes keep a site from being published, advice does not.
"""

from pathlib import Path

from plugins.problems import Problem, Report
from plugins.progress import track
from plugins.schedule import build_time
from tools.verify import dates, feed, files, head, links, safety, sitemap, weight
from tools.verify.site import Site

# A page whose structured data is not JSON would stop the others, so this one goes first.
FIRST = dates.graphs
RULES = (
    links.broken_links,
    links.broken_in_graph,
    links.broken_in_cards,
    links.broken_in_feed,
    links.broken_in_files,
    links.orphans,
    head.languages,
    head.headings,
    head.ids,
    head.canonicals,
    head.titles,
    head.descriptions,
    sitemap.well_formed,
    sitemap.valid,
    sitemap.complete,
    sitemap.robots,
    sitemap.translations,
    feed.well_formed,
    feed.whole,
    feed.people,
    feed.ids,
    feed.dates,
    feed.links,
    feed.texts,
    feed.entries,
    dates.headlines,
    dates.agreement,
    dates.lists,
    dates.reviewers,
    dates.future,
    dates.drafts,
    safety.third_parties,
    safety.links,
    safety.policies,
    safety.analytics,
    safety.secrets,
    safety.local_paths,
    safety.leftovers,
    files.content_names,
    files.siblings,
    files.limits,
    files.header_policy,
    weight.shared,
)
ADVICE = (head.lengths, links.detours, weight.authored)


def verify(output: Path, settings: dict) -> Report:
    """Return what is wrong with the site in `output`, built with Pelican's `settings`."""
    site = Site(Path(output), settings, build_time(settings["PATH"]).moment)
    if "index.html" not in site.files:
        missing = Problem("index.html", 0, 0, "there is no site here", "publish it first")
        return Report([missing])
    mistakes: list[Problem] = []
    advice: list[Problem] = []
    for rule in track("Verifying", (FIRST, *RULES, *ADVICE)):
        (advice if rule in ADVICE else mistakes).extend(rule(site))
        if rule is FIRST and mistakes:
            break
    return Report(sorted(set(mistakes)), sorted(set(advice)))
