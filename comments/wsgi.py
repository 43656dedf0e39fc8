"""For another WSGI server: `application`, set up by the file that COMMENTS_CONFIG names."""

import os

from . import log, settings
from .app import Application

log.start()
try:
    path = os.environ.get("COMMENTS_CONFIG", settings.DEFAULT_FILE)
    application = Application(settings.load(path))
except (settings.SettingsError, RuntimeError, OSError) as error:
    raise SystemExit(str(error)) from None
