"""`make check-links` names an address that is gone, and the pages that link it."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer
from threading import Thread

import pytest

from tests.check_links import PROJECT, outside_links, report


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response({"/there": 200, "/for-people": 403}.get(self.path, 404))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    server = TCPServer(("127.0.0.1", 0), Site)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_is_gone_is_named_with_its_pages(site: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "README.md").write_text(f"[a]({site}/there), [b]({site}/for-people#part), [here](#part)")
    assert report(outside_links(tmp_path)) == 0
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text(f"[c]({site}/gone) and [d](http://127.0.0.1:9/)")
    capsys.readouterr()
    assert report(outside_links(tmp_path)) == 1
    told = capsys.readouterr().out
    assert f"gone  {site}/gone  HTTP 404: docs/page.md" in told
    assert "gone  http://127.0.0.1:9/" in told
    assert f"there  {site}/for-people\n" in told


def test_our_pages_link_outside() -> None:
    assert any(address.startswith("https://github.com/") for address in outside_links(PROJECT))
