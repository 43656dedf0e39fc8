"""What differs when the site is published. `make publish SITEURL=https://…` reads this file."""

import os
import runpy
from pathlib import Path

# By its path, not by `import`: Python would hand out any other pelicanconf that it has seen before.
_preview = runpy.run_path(str(Path(__file__).with_name("pelicanconf.py")))
globals().update({name: value for name, value in _preview.items() if name.isupper()})

SITEURL = os.environ.get("SITEURL", "https://example.org").rstrip("/")
RELATIVE_URLS = False
PUBLISHING = True
# Drafts stay at home.
DRAFT_SAVE_AS = DRAFT_PAGE_SAVE_AS = DRAFT_LANG_SAVE_AS = DRAFT_PAGE_LANG_SAVE_AS = ""
