"""Who may use the local AWS: programs of this machine, and the pages that it serves itself.

Its credentials are the numbers of accounts, so everybody knows them, and with SLACK=real it holds the token of a real
Slack app. A website that is open in the developer's browser reaches this port as well. So the Host header must name
this machine (against DNS rebinding), and a browser must say that a page of this server asks. A link from elsewhere
opens the two pages of the console, and nothing else.
"""

import re
from http import HTTPStatus
from typing import Any

from local.aws.console_pages import PAGES, App
from local.aws.environment import HOST

_HERE = re.compile(rf"({re.escape(HOST)}|localhost)(:[0-9]+)?|sts\.[a-z0-9-]+\.amazonaws\.com")
"""The names of this machine, and the one that a forwarder signs its proof for: no website has that."""
_OWN, _NO_PAGE = "same-origin", "none"
_REFUSED = b'{"error": "only programs of this machine may do this, and the local console\'s own pages"}'


def guarded(app: App) -> App:
    """Answer 403 to websites, and leave everything else to `app`."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or _may(scope):
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": HTTPStatus.FORBIDDEN, "headers": headers})
            await send({"type": "http.response.body", "body": _REFUSED})

    return serve


def _may(scope: Any) -> bool:
    """Return whether a request is a program's, a page's of this server, or opens one of these pages."""
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get(b"host", "")
    if not _HERE.fullmatch(host) or headers.get(b"origin", f"http://{host}") != f"http://{host}":
        return False
    asked_by = headers.get(b"sec-fetch-site", _NO_PAGE)
    return asked_by in (_OWN, _NO_PAGE) or (scope.get("method") == "GET" and scope["path"] in PAGES)
