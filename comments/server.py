"""The web server around the application: waitress, one process, a few threads."""

from urllib.parse import urlsplit

import waitress
from waitress import wasyncore

LIMITS = {"threads": 8, "ident": None, "channel_timeout": 30, "max_request_body_size": 2**20}


class Server:
    """Listens at `where`, `http://host:port`; port 0 takes a free one. Raises OSError if taken."""

    def __init__(self, application, where: str):
        parts = urlsplit(where)
        host = parts.hostname or "127.0.0.1"
        self._application, self._sockets = application, {}
        try:
            options = LIMITS | {"host": host, "port": 8080 if parts.port is None else parts.port}
            self._server = waitress.create_server(application, map=self._sockets, **options)
        except OSError as error:
            application.close()
            raise OSError(f"cannot listen on {where} ({error.strerror}) — is it in use?") from None
        self.port = int(self._server.effective_port)
        self.url = f"http://{host}:{self.port}"

    def run(self) -> None:
        """Serve until SystemExit or KeyboardInterrupt; finish what is being answered."""
        try:
            self._server.run()
        finally:
            wasyncore.close_all(self._sockets, ignore_all=True)
            self._application.close()
