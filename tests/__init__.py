"""All that checks the project: tests and their content, bench, audit, soak, finders of programs."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
