"""`python -m tools.verify [output] [-s publishconf.py]`: exit code 1 when a mistake is found."""

import argparse
import sys
from pathlib import Path

from plugins.problems import ContentError
from tools.build import load_settings
from tools.terminal import progress
from tools.verify import verify
from tools.verify.page import Context, Page


def main(argv=None) -> int:
    """Verify a published site where it lies; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.verify", description=__doc__)
    parser.add_argument("output", nargs="?", default="output", type=Path)
    parser.add_argument("-s", "--settings", default="publishconf.py")
    arguments = parser.parse_args(argv)
    try:
        settings = load_settings(arguments.settings, _address(arguments.output))
        with progress():
            report = verify(arguments.output, settings)
    except ContentError as failure:
        print(failure, file=sys.stderr)
        return 1
    for problem in [*report.warnings, *report.errors]:
        print(problem, file=sys.stderr)
    print(f"{len(report.errors)} errors, {len(report.warnings)} warnings.")
    return 1 if report.errors else 0


def _address(output: Path) -> dict:
    """Return SITEURL as the home page states it: a site is verified for where it was built for."""
    home = output / "index.html"
    unknown = Context("", {}, ())
    stated = Page(home.name, home.read_text("utf-8"), unknown).canonical if home.is_file() else []
    return {"SITEURL": stated[0].rstrip("/")} if stated else {}


if __name__ == "__main__":
    sys.exit(main())
