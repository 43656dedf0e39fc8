"""The two settings files."""

import sys
import types

from pelican.settings import read_settings

from tests.site_fixtures import ROOT


def test_publishing_starts_from_the_preview_beside_it_whatever_was_imported_before(monkeypatch):
    other = types.ModuleType("pelicanconf")
    other.SITENAME = "Another site"
    monkeypatch.setitem(sys.modules, "pelicanconf", other)
    preview = read_settings(str(ROOT / "pelicanconf.py"))
    published = read_settings(str(ROOT / "publishconf.py"))
    assert published["SITENAME"] == preview["SITENAME"] != "Another site"


def test_publishing_differs_in_few_settings_only():
    preview = read_settings(str(ROOT / "pelicanconf.py"))
    published = read_settings(str(ROOT / "publishconf.py"))
    differing = {
        name for name in preview if preview[name] != published[name] and "DRAFT" not in name
    }
    assert differing <= {"SITEURL", "RELATIVE_URLS", "PUBLISHING", "FEED_DOMAIN"}
