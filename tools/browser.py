"""Find a Chromium to test with, or get one: `python -m tools.browser` prints where it is.

It takes the first that starts of: CHROMIUM in the environment, a Chromium, Chrome or Edge of this
machine, Playwright's own, Playwright's download, and, for root on Debian, the `chromium` package.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
MAC = ("Google Chrome", "Chromium", "Microsoft Edge")
WINDOWS = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
WINDOWS_ROOTS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")

# A test's browser looks nothing up on its own: it has no network to do it with, and no need.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


class NoBrowser(Exception):
    """No Chromium starts on this machine. The text says what to type."""


def executable() -> str:
    """Return the path of a Chromium that starts. Raises NoBrowser when there is none."""
    for path in candidates():
        if starts(path):
            return path
        if path == os.environ.get("CHROMIUM"):
            raise NoBrowser(f"CHROMIUM={path} does not start: name another, or leave it out.")
    raise NoBrowser(f"The tests need a Chromium, and none was found. Type:\n    {advice()}")


def arguments() -> list[str]:
    """Return what to start it with. Chromium's sandbox refuses to work for root."""
    return [*QUIET, "--no-sandbox"] if is_root() else list(QUIET)


def candidates() -> Iterator[str]:
    """Yield the paths where a browser may be, the most wanted first."""
    if given := os.environ.get("CHROMIUM"):
        yield given
    yield from filter(None, map(shutil.which, NAMES))
    if sys.platform == "darwin":
        for home in (Path("/"), Path.home()):
            yield from (str(home / f"Applications/{app}.app/Contents/MacOS/{app}") for app in MAC)
    if sys.platform == "win32":
        for root in filter(None, map(os.environ.get, WINDOWS_ROOTS)):
            yield from (str(Path(root, program)) for program in WINDOWS)
    yield from playwrights_own()


def playwrights_own() -> list[str]:
    """Return the path of the browser that Playwright downloads, whether it is there or not."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return [playwright.chromium.executable_path]


def starts(path: str) -> bool:
    """Tell whether the program at `path` is there and runs: some names are only signposts."""
    # Chrome on Windows opens a window for --version instead of answering.
    if sys.platform == "win32":
        return Path(path).is_file()
    try:
        run = subprocess.run([path, "--version"], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0


def get() -> str:
    """Return the path of a Chromium, fetching one if need be. Raises NoBrowser."""
    try:
        return executable()
    except NoBrowser:
        if os.environ.get("CHROMIUM"):
            raise
    for fetch in (download, install_package):
        fetch()
        try:
            return executable()
        except NoBrowser as error:
            missing = error
    raise missing


def download():
    """Let Playwright download its own Chromium; where it cannot, nothing is lost but seconds."""
    say("No Chromium here: trying Playwright's own download.")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        say("It cannot be downloaded here.")


def install_package():
    """Install Debian's package, for root only."""
    if not (is_root() and is_debian() and shutil.which("apt-get")):
        return
    say("Installing Debian's package `chromium`.")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        subprocess.run(
            ["apt-get", "-qq", *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
        )


def advice() -> str:
    """Return the line to type on this machine to get a browser."""
    if is_debian():
        return "sudo apt-get install chromium"
    if sys.platform == "win32":
        return "winget install Google.Chrome"
    if sys.platform == "darwin":
        return "brew install --cask google-chrome"
    return f'"{sys.executable}" -m playwright install --with-deps chromium'


def is_root() -> bool:
    """Tell whether this runs as root, which Windows does not know."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def is_debian() -> bool:
    """Tell Debian from its descendants, some of which have a `chromium` package with no browser."""
    try:
        return "ID=debian" in Path("/etc/os-release").read_text("utf-8").splitlines()
    except OSError:
        return False


def say(text: str):
    """Tell the user, beside the path that is printed."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Print the path of a browser; return the exit code."""
    try:
        print(get())
    except NoBrowser as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
