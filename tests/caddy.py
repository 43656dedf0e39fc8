"""Find a Caddy to test the published site under, or get one: `python -m tests.caddy` prints where.

It is the first that runs of: CADDY in the environment, a Caddy on PATH, one fetched before. On
Debian and Ubuntu the distribution's package is unpacked beside this Python without installing it,
so that no server starts and root is not needed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FETCHED = Path(sys.prefix) / "bin" / "caddy"


class CaddyNotFoundError(Exception):
    """No Caddy runs on this machine. The message is what to type."""


def find_or_fetch() -> str:
    """Return the path of a Caddy, which is fetched if need be. Raises CaddyNotFoundError."""
    for path in filter(None, (os.environ.get("CADDY"), shutil.which("caddy"), str(FETCHED))):
        if runs(path):
            return path
    if shutil.which("apt-get") and shutil.which("dpkg-deb"):
        fetch()
        if runs(str(FETCHED)):
            return str(FETCHED)
    raise CaddyNotFoundError(
        f"The tests need the web server Caddy, and none was found — type:\n    {install_command()}"
    )


def runs(path: str) -> bool:
    """Return whether the program at `path` exists and runs."""
    try:
        return subprocess.run([path, "version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def install_command() -> str:
    """Return the line to type on this machine to get it."""
    if shutil.which("apt-get"):
        return "sudo apt-get update && sudo apt-get install caddy"
    if sys.platform == "darwin":
        return "brew install caddy"
    return "see https://caddyserver.com/docs/install"


def fetch():
    """Unpack the distribution's package, after a renewal of its lists where they lack it."""
    print("No Caddy found: unpacking the package `caddy`.", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        download = ["apt-get", "-qq", "download", "caddy"]
        # Lists of packages are for root to fetch; -n, as no one may be there to type a password.
        sudo = ["sudo", "-n"] if os.geteuid() and shutil.which("sudo") else []
        for command in (download, [*sudo, "apt-get", "-qq", "update"], download):
            subprocess.run(command, cwd=folder, stderr=subprocess.DEVNULL)
            packages = list(Path(folder).glob("caddy_*.deb"))
            if packages:
                subprocess.run(["dpkg-deb", "-x", packages[0], f"{folder}/caddy"], check=True)
                # At once: another process of the tests may be about to run it.
                copy = FETCHED.with_name(f"caddy-{os.getpid()}")
                shutil.copy2(f"{folder}/caddy/usr/bin/caddy", copy)
                copy.replace(FETCHED)
                return


def main() -> int:
    """Print the path of a Caddy; return the exit code."""
    try:
        print(find_or_fetch())
    except CaddyNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
