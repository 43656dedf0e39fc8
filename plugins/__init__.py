"""What runs inside a Pelican build, one concern a file; and the folder that the project is in."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
THEME = ROOT / "theme"
