"""Find a Caddy to test the published site under, or get one: `python -m tools.caddy` prints where.

It takes the first of: CADDY in the environment, a Caddy of this machine, one fetched before. On
Debian and Ubuntu it unpacks the distribution's package beside this Python, without installing it,
so that no server starts and root is not needed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FETCHED = Path(sys.prefix) / "bin" / "caddy"


class NoCaddy(Exception):
    """No Caddy runs on this machine. The text says what to type."""


def get() -> str:
    """Return the path of a Caddy that runs, fetching one if need be. Raises NoCaddy."""
    for path in filter(None, (os.environ.get("CADDY"), shutil.which("caddy"), str(FETCHED))):
        if runs(path):
            return path
    if shutil.which("apt-get") and shutil.which("dpkg-deb"):
        _fetch()
        if runs(str(FETCHED)):
            return str(FETCHED)
    raise NoCaddy(f"The tests need the web server Caddy, and none was found. Type:\n    {advice()}")


def runs(path: str) -> bool:
    """Tell whether the program at `path` is there and runs."""
    try:
        return subprocess.run([path, "version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def advice() -> str:
    """Return the line to type on this machine to get it."""
    if shutil.which("apt-get"):
        return "sudo apt-get update && sudo apt-get install caddy"
    if sys.platform == "darwin":
        return "brew install caddy"
    return "see https://caddyserver.com/docs/install"


def _fetch():
    print("No Caddy here: unpacking the package `caddy`.", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        download = ["apt-get", "-qq", "download", "caddy"]
        # Lists of packages are for root to fetch; -n, as nobody may be there to give a password.
        sudo = ["sudo", "-n"] if os.geteuid() and shutil.which("sudo") else []
        for command in (download, [*sudo, "apt-get", "-qq", "update"], download):
            subprocess.run(command, cwd=folder, stderr=subprocess.DEVNULL)
            packages = list(Path(folder).glob("caddy_*.deb"))
            if packages:
                subprocess.run(["dpkg-deb", "-x", packages[0], f"{folder}/caddy"], check=True)
                shutil.copy2(f"{folder}/caddy/usr/bin/caddy", FETCHED)
                return


def main() -> int:
    """Print the path of a Caddy; return the exit code."""
    try:
        print(get())
    except NoCaddy as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
