"""Which articles are out: in a published site, none whose date is still to come.

Pelican's own WITH_FUTURE_DATES asks the clock, so that one commit gives different sites on
different days; this asks the build's epoch.
"""

from pelican import signals

from tools.epoch import epoch


def register():
    """Hold articles of the future back as drafts, where PUBLISHING is set."""
    signals.content_object_init.connect(_hold)


def _hold(content):
    awaited = content.settings.get("PUBLISHING") and hasattr(content, "date")
    if awaited and content.status == "published" and content.date > epoch():
        content.status = "draft"
