"""Make the production site: checked, built, verified, and only then in the place of the last one.

    SITEURL=… python -m tools.publish [content] [-o output] [-s publishconf.py] [--for caddy]

All other arguments are Pelican's own. The files suit GitHub Pages, Cloudflare Pages and Netlify
alike; `--for caddy` makes them for an own server. The same commit gives the same bytes.
"""

import argparse
import hashlib
import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from contract import address_error
from plugins.problems import Problem, as_started, display_path
from tools import hosts
from tools.build import BuildError, Built, build, moment_of, run_command
from tools.verify import judge_pages, verify

HOSTS = {"hosted": hosts.hosted, "caddy": hosts.caddy}


def publish(siteurl, content, output, settings_path, overrides=None, host="hosted") -> Built:
    """Publish `content` for the address `siteurl` into the folder `output`. Raises ContentError,
    with `output` untouched, for any error, or where the moment to judge dates by is not known."""
    if doubt := moment_of(content).doubt:
        raise BuildError(doubt)

    def finish(stage, built: Built):
        pages = judge_pages(stage, built.settings, built)
        HOSTS[host](stage, built.settings, pages)
        for path in stage.rglob("*"):  # the same, whatever the umask
            path.chmod(0o755 if path.is_dir() else 0o644)
        sources = {one.save_as: one.source.name for one in built.documents.values()}
        report = verify(stage, built.settings, pages, built)
        built.warnings += _from_source(report.warnings, sources)
        if report.errors:
            raise BuildError(*_from_source(report.errors, sources))

    overrides = {**(overrides or {}), "SITEURL": site_address(siteurl)}
    return build(content, output, settings_path, overrides, finish)


def site_address(text: str) -> str:
    """Return the address of a site without a slash at its end. Raises BuildError for a bad one."""
    text = text.strip()
    if error := address_error(text):
        what, fix = error
        hint = " (on GitHub: Settings, Pages, Enforce HTTPS)" * text.startswith("http://")
        raise BuildError(Problem("SITEURL", 0, 0, what, fix + hint))
    return text.rstrip("/")


def digest(site: Path) -> str:
    """Return a digest of a folder: of the name and the bytes of each file in it."""
    whole = hashlib.sha256()
    for file in sorted(path for path in site.rglob("*") if path.is_file()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"{content}  {file.relative_to(site).as_posix()}\n".encode())
    return whole.hexdigest()


def _from_source(problems: list[Problem], sources: dict[str, str]) -> Iterator[Problem]:
    """Name the file that an author can fix, and the line of the page behind what is wrong."""
    for problem in problems:
        place = f"line {problem.line} of {problem.path}" if problem.line else problem.path
        if source := sources.get(problem.path):
            problem = Problem(source, 0, 0, f"{problem.what} (in {place})", problem.fix)
        yield problem


def main(argv=None) -> int:
    """Publish once; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.publish", add_help=False)
    parser.add_argument("--for", dest="host", choices=HOSTS, default="hosted")
    own, pelicans = parser.parse_known_args(argv)
    siteurl = os.environ.get("SITEURL", "")
    if not siteurl.strip():
        address = "SITEURL=https://www.example.org"
        again = as_started(f"make publish {address}", f"{address} python -m tools.publish")
        print(f"Where will the site be? Type its address too:  {again}", file=sys.stderr)
        return 2
    make = partial(publish, siteurl, host=own.host)
    built = run_command(pelicans, "publishconf.py", make, "Not published")
    if built:
        print(f"Published for {siteurl} in {display_path(built.output)}/: upload that folder.")
        print(f"sha256 of all files: {digest(built.output)}")
    return 0 if built else 1


if __name__ == "__main__":
    sys.exit(main())
