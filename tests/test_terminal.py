"""Long work says on a terminal how far it has come, and nowhere else."""

import io

import pytest

from plugins.progress import announced, track
from tools import terminal


class Screen(io.StringIO):
    """A terminal, or a file. `shown` is what a person sees on the last line."""

    def __init__(self, is_terminal: bool):
        super().__init__()
        self._is_terminal = is_terminal

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


def test_quick_work_shows_nothing():
    screen = Screen(is_terminal=True)
    work(screen)
    assert screen.getvalue() == ""


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
