"""For another WSGI server: `application`, set up by the file that COMMENTS_CONFIG names.

One process with threads only; a second worker refuses to start.
"""

import os

from . import log, settings
from .app import make_application

log.start()
try:
    application = make_application(
        settings.load(os.environ.get("COMMENTS_CONFIG", "/etc/comments.cfg"))
    )
except (settings.Refusal, RuntimeError, OSError) as error:
    raise SystemExit(str(error)) from None
