"""From a fresh clone to a built and tested site: finding Python and a browser, and the locks."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from tests import ROOT, chromium

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
# Lock → group of pyproject.toml, as `make lock` writes them.
GROUPS = dict(re.findall(r"/(requirements\S*\.txt) --group (\w+)", MAKEFILE))
LOCKS = [ROOT / name for name in GROUPS]
ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="the programs made here are shell scripts")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with the set-up's files, a lock that asks for nothing, and no .venv."""
    house = tmp_path / "a house with spaces"
    (house / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", house)
    shutil.copy(ROOT / "tools" / "python.sh", house / "tools")
    (house / "requirements.txt").write_text("# nothing\n")
    return house


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def fit_python(path: Path, name: str = "") -> Path:
    """A Python that passes as fit. Its .venv has a Python that says its name and arguments."""
    inner = f'#!/bin/sh\\ncase "$1" in -c) exit 0;; esac\\necho {name or path.name} "$@"\\n'
    return program(
        path,
        f"""case "$1" in
        -m) mkdir -p .venv/bin; printf '{inner}' > .venv/bin/python; chmod +x .venv/bin/python;;
        --version) echo Python 3.99;;
        esac""",
    )


def run(house: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the house, with the programs of its folder `bin` before all others."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    inherited.pop("PYTHON", None)
    inherited["PATH"] = f"{house / 'bin'}{os.pathsep}{inherited['PATH']}"
    return subprocess.run(
        command, cwd=house, env={**inherited, **environment}, capture_output=True, text=True
    )


def start(house: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(house, "sh", "tools/python.sh", "requirements.txt", "--", "-m", "it", **environment)


def breaking(house: Path, *names: str):
    """Give the house Pythons that are only names, as version managers leave them."""
    for name in names:
        program(house / "bin" / name, "echo not installed >&2; exit 127")


PYTHONS = [f"python3.{minor}" for minor in (14, 13, 12, 11)] + ["python3", "python"]


@ON_POSIX
def test_a_python_that_is_only_a_name_is_passed_over(house):
    breaking(house, "python3.14", "python3.13")
    fit_python(house / "bin" / "python3.12")
    assert start(house).stdout.endswith("python3.12 -m it\n")


@ON_POSIX
def test_the_python_that_was_named_is_taken_and_venv_is_made_anew_with_it(house, tmp_path):
    fit_python(house / "bin" / "python3.14")
    start(house)
    named = fit_python(tmp_path / "my pythons" / "mine")
    program(
        named,
        named.read_text().replace("case", 'case "$1$2" in -c*version*) echo 9;; esac\ncase', 1),
    )
    assert start(house, PYTHON=str(named)).stdout.endswith("mine -m it\n")


@ON_POSIX
def test_a_named_python_that_does_not_work_is_told_and_no_other_is_taken(house):
    breaking(house, "python3.13")
    fit_python(house / "bin" / "python3.12")
    ended = start(house, PYTHON="python3.13")
    assert ended.returncode == 1
    assert "PYTHON=python3.13 is not Python 3.11 or later" in ended.stderr
    assert not (house / ".venv").exists()


@ON_POSIX
def test_without_any_python_the_line_to_type_is_told(house):
    breaking(house, *PYTHONS)
    program(house / "bin" / "apt-get", "exit 1")
    ended = start(house)
    assert ended.returncode == 1
    assert "apt-get install python3-venv" in ended.stderr


@ON_POSIX
def test_a_half_made_venv_is_removed_and_the_line_to_type_is_told(house):
    half = 'case "$1" in -m) mkdir -p .venv/bin; echo no ensurepip >&2; exit 1;; esac'
    program(house / "bin" / "python3.14", half)
    program(house / "bin" / "apt-get", "exit 1")
    ended = start(house)
    assert ended.returncode == 1
    assert "no ensurepip" in ended.stderr
    assert "apt-get install python3-venv" in ended.stderr
    assert not (house / ".venv").exists()


@ON_POSIX
def test_a_lock_is_installed_once_and_again_only_when_it_changed(house):
    fit_python(house / "bin" / "python3.14")
    assert "-m pip install" in start(house).stdout
    assert start(house).stdout == "python3.14 -m it\n"
    (house / "requirements.txt").touch()
    assert start(house).stdout == "python3.14 -m it\n"
    (house / "requirements.txt").write_text("# changed\n")
    assert "-m pip install" in start(house).stdout


@ON_POSIX
def test_an_install_that_failed_is_told_and_tried_again(house):
    fit_python(house / "bin" / "python3.14")
    start(house)
    inner = house / ".venv" / "bin" / "python"
    works = inner.read_text()
    program(inner, 'case "$*" in *"pip install"*) exit 1;; esac')
    (house / "requirements.txt").write_text("# changed\n")
    ended = start(house)
    assert ended.returncode == 1
    assert "requirements.txt could not be installed" in ended.stderr
    inner.write_text(works)
    assert "-m pip install" in start(house).stdout


def test_help_lists_every_command(house):
    commands = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.M).group(1).split()
    for listing in (run(house, "make"), run(house, "make", "help")):
        assert re.findall(r"^  ([a-z]+) +\S", listing.stdout, re.M) == commands
    assert re.findall(r"^([a-z]+):", MAKEFILE, re.M) == commands


@pytest.mark.parametrize("command", re.findall(r"^([a-z]+):", MAKEFILE, re.M))
def test_no_command_leans_on_a_variable_that_is_nowhere_set(house, command):
    given = ("SITEURL=https://example.org", "FOR=", "REPLIESOPTS=", "TITLE=")
    ended = run(house, "make", "--dry-run", "--warn-undefined-variables", command, *given)
    assert ended.returncode == 0
    assert "undefined variable" not in ended.stderr


def test_publish_without_an_address_tells_what_to_type(house):
    ended = run(house, "make", "publish", SITEURL="")
    assert ended.returncode != 0
    assert "make publish SITEURL=https://" in ended.stderr
    assert not (house / ".venv").exists()


def test_clean_removes_what_was_built_and_nothing_else(house):
    (house / "output").mkdir()
    before = {path.name for path in house.iterdir()}
    run(house, "make", "clean")
    assert {path.name for path in house.iterdir()} == before - {"output"}


def locked(path: Path) -> dict[str, str]:
    """The packages of a lock with their versions."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", path.read_text("utf-8"), re.M))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_package_of_a_lock_has_hashes_and_nothing_says_where_it_comes_from(path):
    text = path.read_text("utf-8")
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.M)[1:]
    assert len(packages) == len(locked(path)) > 0
    for package in packages:
        assert "--hash=sha256:" in package
    assert "://" not in text
    assert " @ " not in text


def test_the_locks_agree_on_every_version_and_it_is_the_one_installed():
    together: dict[str, str] = {}
    for path in LOCKS:
        for name, number in locked(path).items():
            assert together.setdefault(name, number) == number
    together.pop("colorama", None)  # for Windows alone
    assert {name: version(name) for name in together} == together


def test_the_locks_hold_what_pyproject_asks_for_and_no_package_that_takes_a_compiler():
    groups = PYPROJECT["dependency-groups"]
    assert {*GROUPS.values()} == groups.keys()
    assert {*GROUPS} == {path.name for path in ROOT.glob("requirements*.txt")}
    for name, group in GROUPS.items():
        asked = {re.split(r"[<>=]", line)[0] for line in groups[group]}
        assert asked <= locked(ROOT / name).keys()
        options = re.findall("^--.*", (ROOT / name).read_text("utf-8"), re.M)
        from_source = locked(ROOT / name).keys() & PYPROJECT["tool"]["uv"]["pip"]["no-binary"]
        # In this order: to pip, "only" of all packages ends every exception before it.
        assert options == ["--only-binary :all:", *(f"--no-binary {each}" for each in from_source)]
    assert "misaka" not in locked(ROOT / "requirements-comments.txt")


@ON_POSIX
@pytest.mark.parametrize("failing", ["none", *GROUPS.values()])
def test_the_locks_are_replaced_together_or_not_at_all(house, failing):
    fit_python(house / "bin" / "python3.14")
    for name in GROUPS:
        (house / name).write_text("# nothing\n")
    start(house)
    uv = f'case "$*" in *"--group {failing}"*) exit 1;; *"pip compile"*) echo new >"$7";; esac'
    program(house / ".venv" / "bin" / "python", uv)
    ended = run(house, "make", "lock")
    assert bool(ended.returncode) is (failing != "none")
    written = {(house / name).read_text().splitlines()[0] for name in GROUPS}
    assert written == {"new" if failing == "none" else "# nothing"}


def test_every_dependency_has_its_reason_beside_it():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    asked = re.findall(r'^    "[a-z0-9-]+[<>=].*$', text, re.M)
    assert asked
    assert [line for line in asked if not re.search(r" # \w.+", line)] == []


@ON_POSIX
def test_the_browser_that_was_named_comes_first(tmp_path, monkeypatch):
    program(tmp_path / "bin" / "chromium", "exit 0")
    named = program(tmp_path / "mine" / "my browser", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("CHROMIUM", str(named))
    assert chromium.executable() == str(named)


@ON_POSIX
def test_a_named_browser_that_does_not_start_is_told_and_none_is_fetched(tmp_path, monkeypatch):
    named = program(tmp_path / "bin" / "chromium", "exit 1")
    monkeypatch.setenv("CHROMIUM", str(named))
    monkeypatch.setattr(chromium, "download", lambda: pytest.fail("downloads"))
    with pytest.raises(chromium.BrowserNotFoundError, match="does not start"):
        chromium.find_or_install()


@ON_POSIX
def test_a_browser_that_does_not_start_is_passed_over(tmp_path, monkeypatch):
    program(tmp_path / "bin" / "chromium", "exit 1")
    program(tmp_path / "bin" / "google-chrome", "exit 0")
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/nowhere")
    assert chromium.executable() == str(tmp_path / "bin" / "google-chrome")


def test_where_no_browser_is_and_none_can_be_had_the_line_to_type_is_told(monkeypatch, capsys):
    fetched = []
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "candidates", lambda: [])
    monkeypatch.setattr(chromium, "download", lambda: fetched.append("download"))
    monkeypatch.setattr(chromium, "install_package", lambda: fetched.append("package"))
    assert chromium.main() == 1
    assert fetched == ["download", "package"]
    assert chromium.install_command() in capsys.readouterr().err


def test_a_browser_that_was_fetched_is_taken(monkeypatch, capsys):
    found = []
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "candidates", lambda: found)
    monkeypatch.setattr(chromium, "download", lambda: found.append(sys.executable))
    monkeypatch.setattr(chromium, "install_package", lambda: pytest.fail("not needed"))
    assert chromium.main() == 0
    assert capsys.readouterr().out.strip() == sys.executable


def test_every_action_is_pinned_to_a_commit_with_its_version_beside_it():
    used = [
        line.strip()
        for path in (ROOT / ".github" / "workflows").glob("*.yml")
        for line in path.read_text("utf-8").splitlines()
        if "uses:" in line and "uses: $/" not in line  # a workflow of this repository
    ]
    assert used
    assert [line for line in used if not re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)] == []


def test_the_workflows_have_no_known_weakness():
    zizmor = Path(sysconfig.get_path("scripts"), "zizmor")
    ended = subprocess.run(
        [zizmor, "--offline", "--no-progress", ROOT / ".github"], capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_has_nothing_to_say(command):
    ended = subprocess.run(
        [sys.executable, "-m", "ruff", *command, str(ROOT)], capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
