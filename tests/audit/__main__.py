"""Run independent checkers on the published site, and compare it with its budgets.

    python -m tests.audit [content] [--all]

Builds the site as it is published, serves it on 127.0.0.1, and prints one line for one page of each
kind: bytes on a phone, requests that the first paint waits for, Lighthouse's four scores, and what
axe, the Nu HTML checker, the content security policy and the console report, in light and dark and
forced colors, 320 and 1280 pixels wide. `--all` checks every page. Exit code 1 when anything is
above its budget, 2 when a checker is missing. Needs Java, Node.js with npm, and Chromium.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from plugins.problems import ContentError
from tests import ROOT, chromium
from tests.audit import checkers
from tests.static_server import serving
from tools.build import build
from tools.verify.files import BUDGETS

MOST_BYTES = BUDGETS["page"]
MOST_REQUESTS = 1
# Not indexed, so search engines' own criteria do not apply to it.
NOT_INDEXED = {"404.html"}


def main(argv=None) -> int:
    """Run the audit; return the exit code."""
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__.splitlines()[0])
    parser.add_argument("content", nargs="?", default="content", help="the content folder")
    parser.add_argument("--all", action="store_true", help="check every page, not one a kind")
    options = parser.parse_args(argv)
    if missing := _missing():
        print("\n".join(missing), file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder, serving() as server:
        server.root = Path(folder) / "site"
        try:
            address = {"SITEURL": server.address}
            build(options.content, server.root, "publishconf.py", address)
        except ContentError as failure:
            print(failure, file=sys.stderr)
            return 1
        pages = select_pages(server.root, every=options.all)
        findings = {path: checkers.Findings() for path in pages.values()}
        checkers.check_markup(findings, server.address)
        checkers.inspect(findings, server.address)
        for path, found in findings.items():
            if path not in NOT_INDEXED:
                checkers.run_lighthouse(f"{server.address}/{path}", found)
    return max(print_report(pages, findings), _report_packages())


def _missing() -> list[str]:
    """Return which checkers are missing, and how to get them; install the npm packages."""
    missing = []
    if not shutil.which("java"):
        missing.append("Java is missing — Debian: apt install default-jre-headless; "
                       "macOS: brew install openjdk; the Nu HTML checker needs it")  # fmt: skip
    try:
        chromium.executable()
    except chromium.BrowserNotFoundError as error:
        missing.append(str(error))
    npm = shutil.which("npm")
    if not shutil.which("node") or not npm:
        missing.append("Node.js is missing — install version 20 or later, with npm; "
                       "Lighthouse needs it")  # fmt: skip
    elif not _is_installed():
        print("Installing the checkers from npm …", flush=True)
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=checkers.HERE,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            missing.append(f"npm could not install the checkers — {done.stderr.strip()}")
    return missing


def _is_installed() -> bool:
    """Return whether what is installed is what the lock names."""
    inside = checkers.MODULES / ".package-lock.json"
    lock = checkers.HERE / "package-lock.json"
    return inside.exists() and inside.stat().st_mtime >= lock.stat().st_mtime


def select_pages(site: Path, every: bool) -> dict[str, str]:
    """Return the pages to check: name → path; of each kind the heaviest, the hardest to pass."""
    found: dict[str, list[Path]] = {}
    for file in sorted(site.rglob("*.html")):
        found.setdefault(_kind(file, site), []).append(file)
    pages = {}
    for kind, files in found.items():
        files.sort(key=lambda file: -file.stat().st_size)
        for file in files if every else files[:1]:
            path = file.relative_to(site).as_posix().removesuffix("index.html")
            pages[f"{kind} {path}" if every else kind] = path
    return pages


def _kind(file: Path, site: Path) -> str:
    path = file.relative_to(site)
    if path.name != "index.html":
        return path.stem
    if len(path.parts) == 1:
        return "home"
    if len(path.parts) > 2 and path.parts[0] in {"category", "tag"}:
        return path.parts[0]
    if path.parts[0] in {"topics", "archive"}:
        return path.parts[0]
    article = '<meta property="og:type" content="article">' in file.read_text("utf-8")
    return "article" if article else "page"


def print_report(pages: dict[str, str], findings: dict[str, checkers.Findings]) -> int:
    """Print the table and what is above a budget; return the exit code."""
    print("| page | bytes | requests | Lighthouse | CLS | axe | Nu | CSP | console |")
    print("|---|---:|---:|---|---:|---:|---:|---:|---:|")
    faults = []
    for name, path in pages.items():
        found = findings[path]
        scores = "/".join(str(found.scores.get(key, "?")) for key in checkers.CATEGORIES)
        indexed = path not in NOT_INDEXED
        cls = "–" if found.cls is None else f"{found.cls:g}"
        measured = [scores if indexed else "–", cls]
        counts = map(len, (found.axe, found.nu, found.csp, found.console))
        cells = [name, f"{found.bytes:,}", found.requests, *measured, *counts]
        print(f"| {' | '.join(map(str, cells))} |")
        faults += [f"{name}: {fault}" for fault in _faults(found, indexed)]
    if faults:
        print("\nAbove the budgets:")
        print("\n".join(f"  {fault}" for fault in faults))
    return 1 if faults else 0


def _report_packages() -> int:
    locks = sorted(ROOT.glob("requirements*.txt"))
    try:
        found, unknown = checkers.known_vulnerabilities(locks)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"\nKnown vulnerabilities: not looked up ({error})")
        return 0
    print(f"\nKnown vulnerabilities: {len(found)}", end="")
    print(f" ({unknown} packages could not be looked up)" if unknown else "")
    print("\n".join(f"  {sentence}" for sentence in found), end="\n" if found else "")
    return 1 if found else 0


def _faults(found, indexed: bool) -> list[str]:
    faults = []
    if found.own > MOST_BYTES:
        faults.append(f"{found.own:,} bytes without headers, more than {MOST_BYTES:,}")
    if found.requests > MOST_REQUESTS:
        faults.append(f"{found.requests} requests, more than {MOST_REQUESTS}")
    if indexed and any(found.scores.get(name) != 100 for name in checkers.CATEGORIES):
        faults.append("Lighthouse below 100")
    if found.cls:
        faults.append(f"the layout shifts by {found.cls:g}")
    faults += found.lighthouse
    for checker in ("axe", "nu", "csp", "console", "wide"):
        faults += [f"{checker}: {text}" for text in getattr(found, checker)]
    return faults


if __name__ == "__main__":
    sys.exit(main())
