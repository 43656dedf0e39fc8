"""Long work says on a terminal how far it has come, and nowhere else."""

import io
import sys

import pytest

from plugins.progress import announced, track
from tests.publish_fixtures import EPOCH, ROOT, write_content
from tools import build, check, drafts, publish, terminal
from tools.verify import __main__ as verify


class Screen(io.StringIO):
    """A terminal, or a file. `shown` is what a person sees on the last line."""

    def __init__(self, is_terminal: bool):
        super().__init__()
        self._is_terminal = is_terminal

    def reconfigure(self, errors):
        """Do nothing: what is shown here is text."""

    def isatty(self):
        return self._is_terminal

    @property
    def shown(self) -> str:
        return self.getvalue().rpartition("\n")[2].rpartition("\r")[2].rstrip()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(terminal, "PATIENCE", 0)
    monkeypatch.setattr(terminal, "PAUSE", 0)


def work(screen: Screen) -> list[str]:
    """Do three pieces of work; return what was shown after each."""
    seen = []
    with terminal.progress(screen):
        for _ in track("Reading", ["a", "b", "c"]):
            seen.append(screen.shown)
        seen.append(screen.shown)
    return seen


def test_a_terminal_shows_the_stage_and_how_much_of_it_is_done(impatient):
    screen = Screen(is_terminal=True)
    assert work(screen) == ["", "Reading: 1 of 3", "Reading: 2 of 3", "Reading: 3 of 3"]
    assert screen.shown == ""


def test_a_file_gets_no_progress(impatient):
    screen = Screen(is_terminal=False)
    work(screen)
    assert screen.getvalue() == ""


def test_progress_is_shown_from_the_third_second_on(monkeypatch):
    now = 0.0
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now)
    screen, seen = Screen(is_terminal=True), []
    with terminal.progress(screen):
        for now in track("Reading", [1.9, 2.1, 9]):  # noqa: B007 (the clock)
            seen.append(screen.shown)
    assert seen == ["", "", "Reading: 2 of 3"]


@pytest.mark.parametrize(
    ("command", "stage"),
    [
        (build, "Writing"),
        (check, "Reading"),
        (drafts, "Reading"),
        (publish, "Verifying"),
        (verify, "Verifying"),
    ],
)
def test_every_command_with_long_work_shows_it(impatient, tmp_path, monkeypatch, command, stage):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    monkeypatch.setenv("SITEURL", "https://example.org")
    content, output = write_content(tmp_path), str(tmp_path / "output")
    settings = "publishconf.py" if command in (publish, verify) else "pelicanconf.py"
    arguments = [str(content), "-s", str(ROOT / settings)]
    if command in (build, publish):
        arguments += ["-o", output]
    if command is verify:
        assert build.main([*arguments, "-o", output]) == 0
        arguments[0] = output
    screen = Screen(is_terminal=True)
    monkeypatch.setattr(sys, "stderr", screen)
    command.main(arguments)
    assert f"{stage}: 1 of " in screen.getvalue()


def test_a_program_without_a_console_works_in_silence(impatient, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with terminal.progress():
        for _ in track("Reading", ["a", "b"]):
            announced.send("x.md is long")


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_line_that_is_announced_stays(impatient, is_terminal):
    screen = Screen(is_terminal)
    with terminal.progress(screen):
        for _ in track("Reading", ["a", "b"]):
            announced.send("x.md is long: this takes a while …")
    lines = [line.rpartition("\r")[2] for line in screen.getvalue().split("\n")]
    assert lines[:2] == ["x.md is long: this takes a while …"] * 2


def test_the_line_is_gone_when_the_work_breaks_off(impatient):
    screen = Screen(is_terminal=True)
    with pytest.raises(ValueError), terminal.progress(screen):
        for item in track("Reading", ["a", "b"]):
            if item == "b":
                raise ValueError
    assert screen.getvalue().endswith("\r")
    assert screen.shown == ""
