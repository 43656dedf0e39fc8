"""Find a Chromium to test with, or get one: `python -m tests.chromium` prints its path.

It is CHROMIUM in the environment, or else the first that starts of: a Chromium, Chrome or Edge on
PATH, the one that Playwright downloads, and, for root on Debian, the package `chromium`.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")

# A test's browser looks nothing up on its own: it has no network to do it with, and no need.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


class BrowserNotFoundError(Exception):
    """No Chromium starts on this machine. The message is what to type."""


@contextmanager
def launched() -> Iterator[Browser]:
    """Run a Chromium for as long as the block runs. Raises BrowserNotFoundError."""
    path = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=arguments(), chromium_sandbox=not is_root()
        )
        yield browser
        browser.close()


def arguments() -> list[str]:
    """Return what to start it with. Chromium's sandbox refuses to work for root."""
    return [*QUIET, "--no-sandbox"] if is_root() else list(QUIET)


def executable() -> str:
    """Return the path of a Chromium that starts. Raises BrowserNotFoundError."""
    if named := os.environ.get("CHROMIUM"):
        if starts(named):
            return named
        raise BrowserNotFoundError(
            f"CHROMIUM={named} does not start — name another, or leave it out"
        )
    if path := next(filter(starts, candidates()), None):
        return path
    raise BrowserNotFoundError(
        f"The tests need a Chromium, and none was found — type:\n    {install_command()}\n"
        "or set CHROMIUM to the path of a Chromium, Chrome or Edge."
    )


def candidates() -> Iterator[str]:
    """Yield the paths where a browser may be, in the order of preference."""
    yield from filter(None, map(shutil.which, NAMES))
    with sync_playwright() as playwright:
        downloaded = playwright.chromium.executable_path
    yield downloaded


def starts(path: str) -> bool:
    """Return whether the program at `path` exists and runs: some only say what to install."""
    # Chrome on Windows opens a window for --version instead of answering.
    if sys.platform == "win32":
        return Path(path).is_file()
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def find_or_install() -> str:
    """Return the path of a Chromium, which is installed if need be. Raises BrowserNotFoundError."""
    for install in (download, install_package):
        try:
            return executable()
        except BrowserNotFoundError:
            if os.environ.get("CHROMIUM"):
                raise
        install()
    return executable()


def download():
    """Let Playwright download its own Chromium, which may be impossible here."""
    report("No Chromium found: trying Playwright's own download.")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        report("It cannot be downloaded here.")


def install_package():
    """Install Debian's package, for root only."""
    if not (is_root() and is_debian() and shutil.which("apt-get")):
        return
    report("Installing Debian's package `chromium`.")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        subprocess.run(
            ["apt-get", "-qq", *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
        )


def install_command() -> str:
    """Return the line to type on this machine to get a browser."""
    if is_debian():
        return "sudo apt-get install chromium"
    return f'"{sys.executable}" -m playwright install --with-deps chromium'


def is_root() -> bool:
    """Return whether this runs as root, which Windows does not know."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def is_debian() -> bool:
    """Return whether this is Debian itself: some derivatives' `chromium` package has no browser."""
    try:
        return platform.freedesktop_os_release()["ID"] == "debian"
    except OSError:
        return False


def report(text: str):
    """Print beside the path, which is alone on the standard output."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Print the path of a browser; return the exit code."""
    try:
        print(find_or_install())
    except BrowserNotFoundError as error:
        report(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
