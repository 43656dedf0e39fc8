"""README's map, settings and links are those of the tree."""

import re
import subprocess

from pelican.settings import read_settings

from tests.site_fixtures import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_the_map_names_every_visible_entry_of_the_root_and_no_other():
    rows = README.partition("## Map")[2].partition("\n\nThe code")[0]
    named = {name.rstrip("/") for name in re.findall(r"`([^`]+)`", rows.replace("`make`", ""))}
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    entries = {path.partition("/")[0] for path in tracked if path}
    visible = {entry for entry in entries if not entry.startswith(".") and entry != "README.md"}
    assert named == visible


def test_every_setting_that_readme_names_exists_with_the_value_it_shows():
    settings = read_settings(str(ROOT / "pelicanconf.py"))
    rows = README.partition("## Make it yours")[2].partition("Then read")[0]
    for name in re.findall(r"`([A-Z_]+)`", rows):
        assert name in settings, name
    for shown in (settings["SITENAME"], settings["SITESUBTITLE"], settings["PUBLISHER"]["name"]):
        assert f"{shown}" in rows


def test_every_file_that_readme_links_to_is_there():
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_every_command_that_readme_names_is_one_of_make():
    listed = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for command in set(re.findall(r"(?:`|^    )make ([a-z]+)\b", README, re.MULTILINE)):
        assert re.search(rf"^  {command}\b", listed, re.MULTILINE), command


def test_the_licence_names_code_and_content_apart():
    licence = (ROOT / "LICENSE").read_text("utf-8")
    assert "MIT" in licence
    assert "CC BY 4.0" in licence or "Creative Commons Attribution 4.0" in licence
