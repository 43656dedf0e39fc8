"""`python -m tools.verify [output] [-s publishconf.py]`: exit code 1 when an error is found."""

import argparse
import sys
from pathlib import Path

from plugins.problems import ContentError
from tools.build import load_settings
from tools.terminal import progress
from tools.verify import verify
from tools.verify.page import Context, Page


def main(argv=None) -> int:
    """Verify a published site in its folder; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.verify", description=__doc__)
    parser.add_argument("output", nargs="?", default="output", type=Path)
    parser.add_argument("-s", "--settings", default="publishconf.py")
    arguments = parser.parse_args(argv)
    home = arguments.output / "index.html"
    text = home.read_text("utf-8") if home.is_file() else ""
    # A site is verified for the address that it was built for, which its home page names.
    stated = Page(home.name, text, Context("", {}, ())).canonical
    own = {"SITEURL": stated[0].rstrip("/")} if stated else {}
    try:
        settings = load_settings(arguments.settings, own)
        with progress():
            report = verify(arguments.output, settings)
    except ContentError as failure:
        print(failure, file=sys.stderr)
        return 1
    print(*report.warnings, *report.errors, sep="\n", file=sys.stderr)
    print(f"{len(report.errors)} errors, {len(report.warnings)} warnings.")
    return 1 if report.errors else 0


if __name__ == "__main__":
    sys.exit(main())
