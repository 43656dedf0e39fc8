"""Make the production site: checked, built, verified, and only then in the place of the last one.

    python -m tools.publish [content] [-o output] [-s publishconf.py] [-e KEY=VALUE …] [--for caddy]

SITEURL in the environment is the address that the site will have: `make publish SITEURL=https://…`.
All other arguments are Pelican's own. The files suit GitHub Pages, Cloudflare Pages and Netlify
alike; `--for caddy` makes them for an own server instead. The same commit gives the same bytes: the
last line printed has a digest of them to compare.
"""

import argparse
import hashlib
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pelican

from comments.contract import is_loopback
from plugins import comments, schedule
from plugins.problems import ContentError, Problem
from tools import hosts
from tools.build import BuildError, build, load_settings, parse_arguments, report_failure
from tools.terminal import progress
from tools.verify import judge_pages, verify

HOSTS = {"hosted": hosts.hosted, "caddy": hosts.caddy}
CONFIG = "pelicanconf.py"


@dataclass(frozen=True)
class Published:
    """A site that was published: advice on it, and notes on what it leaves out."""

    advice: list[Problem]
    notes: list[str]


def publish(siteurl, content, output, settings_path, overrides=None, host="hosted") -> Published:
    """Publish `content` for the address `siteurl` into the folder `output`.

    The words are checked, the pages built with their files named by content, what hosts need is
    written beside them, the whole is verified, and then takes the place of the last site. Raises
    BuildError, with `output` untouched, when any of these finds a mistake.
    """
    _require_time(content)
    advice: list[Problem] = []

    def finish(stage, built):
        verdicts = judge_pages(stage, built.settings)
        pages = [verdict.facts for verdict in verdicts if verdict.facts]
        HOSTS[host](stage, built.settings, pages)
        same_modes(stage)
        sources = {one.save_as: one.source.name for one in built.report.documents.values()}
        report = verify(stage, built.settings, verdicts)
        advice.extend(_from_source(report.warnings, sources))
        if report.errors:
            raise BuildError(*_from_source(report.errors, sources))

    overrides = {**(overrides or {}), "SITEURL": site_address(siteurl)}
    built = build(content, output, settings_path, overrides, finish)
    told = (Problem(CONFIG, 0, 0, text, "") for text in comments.advice(built.settings))
    notes = schedule.left_out(built.report.documents.values(), built.settings)
    return Published([*told, *advice], notes)


def _require_time(content):
    """Raise BuildError where the time of the build is not known."""
    if doubt := schedule.build_time(content).doubt:
        fix = f"put {schedule.AS_OF_NOW} in front of the command"
        raise BuildError(Problem("SOURCE_DATE_EPOCH", 0, 0, f"is not set, and {doubt}", fix))


def site_address(text: str) -> str:
    """Return the address of a site without a slash at its end. Raises BuildError for a bad one."""
    text = text.strip()
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 (raises ValueError for a port that is no number)
        whole = bool(parts.hostname) and parts.scheme in ("http", "https")
    except ValueError:
        whole = False
    if not whole or any(letter.isspace() or letter in "\"'<>\\^`{|}" for letter in text):
        _refuse(
            f"{text!r} is no address of a site",
            "give a whole address such as https://www.example.org",
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        _refuse(
            f"what {text} sends can be changed on its way",
            "use https (on GitHub: Settings, Pages, Enforce HTTPS)",
        )
    if parts.query or parts.fragment or "?" in text or "#" in text or parts.username is not None:
        _refuse(f"{text} is more than a host and a folder", "leave out the name, ? and #")
    return text.rstrip("/")


def same_modes(stage: Path):
    """Let every file be readable for all and writable for its owner, whatever the umask."""
    for path in stage.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def digest(site: Path) -> str:
    """Return a digest of a folder: of the name and the bytes of each file in it."""
    whole = hashlib.sha256()
    for file in sorted(path for path in site.rglob("*") if path.is_file()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"{content}  {file.relative_to(site).as_posix()}\n".encode())
    return whole.hexdigest()


def _refuse(what: str, fix: str):
    raise BuildError(Problem("SITEURL", 0, 0, what, fix))


def _from_source(problems: list[Problem], sources: dict[str, str]) -> list[Problem]:
    """Name the file that an author can mend, and the line of the page behind what is wrong."""
    found = []
    for problem in problems:
        place = f"line {problem.line} of {problem.path}" if problem.line else problem.path
        source = sources.get(problem.path)
        if source:
            what = f"{problem.what} (in {place})"
            problem = replace(problem, path=source, line=0, col=0, what=what)
        found.append(problem)
    return found


def main(argv=None) -> int:
    """Publish once; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.publish", add_help=False)
    parser.add_argument("--for", dest="host", choices=HOSTS, default="hosted")
    own, pelicans = parser.parse_known_args(argv)
    arguments = parse_arguments(pelicans)
    siteurl = os.environ.get("SITEURL", "")
    if not siteurl.strip():
        print(
            "Where will the site be? Type its address too:  "
            "make publish SITEURL=https://www.example.org",
            file=sys.stderr,
        )
        return 2
    output = Path(arguments.output or "output")
    settings_path = arguments.settings or "publishconf.py"
    try:
        overrides = pelican.get_config(arguments)
        content = arguments.path or load_settings(settings_path, overrides)["PATH"]
        with progress():
            published = publish(siteurl, content, output, settings_path, overrides, own.host)
    except ContentError as failure:
        return report_failure("Not published", failure, output)
    for problem in published.advice:
        print(f"advice: {problem}")
    print(*published.notes, sep="\n", end="\n" if published.notes else "")
    print(f"Published for {siteurl} in {output}/: upload that folder.")
    print(f"sha256 of all files: {digest(output)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
