"""Small pages where the links of the switch-role card and of an invitation lead locally.

On AWS they open the console, which the local AWS doesn't have. Switch Role only says what it would show; the
quick-create page has AWS's form and creates the stack (quick_create.py). Everything that comes with the address is
shown as text: by escaping what is in the query, by `textContent` what is in the fragment.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[Any]]
_Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[_Scope, _Receive, _Send], Awaitable[None]]

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 4rem auto; padding: 0 1rem; color: #1b2733 }}
h1 {{ font-size: 1.4rem }} dt {{ font-weight: 600; margin-top: .8rem }}
dd {{ margin: 0; font-family: ui-monospace, monospace; overflow-wrap: anywhere }} p {{ color: #51606f }}
</style></head><body><h1>{title}</h1><dl>{facts}</dl><p>{note}</p></body></html>
"""
_SWITCH_NOTE = (
    "This is the local AWS. On AWS this link opens the console's Switch Role form with these values; "
    "an operator presses “Switch Role” there."
)
_POLICY = (
    b"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
    b"frame-ancestors 'none'"
)
PAGES = ("/switchrole", "/cloudformation/home")
"""What this module serves."""
_QUICK_CREATE = (Path(__file__).parent / "quick_create.html").read_text()


def with_console_pages(app: App) -> App:
    """Serve `/switchrole` and `/cloudformation/home` to browsers, and everything else from `app`."""

    async def serve(scope: _Scope, receive: _Receive, send: _Send) -> None:
        page = _page(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if page is None:
            await app(scope, receive, send)
            return
        body = page.encode()
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"content-security-policy", _POLICY),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return serve


def _page(scope: _Scope) -> str | None:
    query = {name: values[0] for name, values in parse_qs(scope.get("query_string", b"").decode("latin-1")).items()}
    if scope["path"] == "/switchrole":
        shown = {"Account": "account", "Role": "roleName", "Display name": "displayName"}
        facts = "".join(f"<dt>{term}</dt><dd>{escape(query.get(name, ''))}</dd>" for term, name in shown.items())
        return _PAGE.format(title="Switch role", facts=facts, note=_SWITCH_NOTE)
    if scope["path"] == "/cloudformation/home":
        return _QUICK_CREATE
    return None
