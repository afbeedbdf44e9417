"""Files as an app sends them: an upload ticket, the data sent to its address, and the completion that shares the file.

Source: docs.slack.dev, files.getUploadURLExternal and files.completeUploadExternal. Where those pages leave open what
Slack does, the local one is strict: the data must be as long as was said, and a ticket completes one file once.
"""

import re
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from mimetypes import guess_type
from typing import Any
from urllib.parse import quote

from local.slack.workspace import facts
from local.slack.workspace.errors import SlackRefusal

_UNSAFE = re.compile(r"[^\w.-]|^\.+")
"""What Slack replaces in a file's address; its name keeps it."""


@dataclass(frozen=True)
class File:
    """A file; `content` is None until its data was sent. `address` is where a person downloads it."""

    id: str
    name: str
    size: int
    address: str
    created: int
    title: str = ""
    content: bytes | None = None

    def as_slack(self) -> dict[str, Any]:
        """The file object of the Web API and of messages."""
        kind = guess_type(self.name)[0] or "application/octet-stream"
        shape: dict[str, Any] = {
            "id": self.id,
            "created": self.created,
            "name": self.name,
            "title": self.title or self.name,
        }
        shape |= {"mimetype": kind, "size": self.size, "mode": "hosted", "user": facts.BOT_USER_ID}
        return shape | {"is_external": False, "url_private": self.address, "url_private_download": self.address}


class Files:
    """Every file of one workspace. `clock` gives seconds since the epoch."""

    def __init__(self, clock: Callable[[], float], base_url: str) -> None:
        self._clock, self._base_url = clock, base_url
        self._files: dict[str, File] = {}
        self._tickets: dict[str, str] = {}
        self._lock = threading.Lock()

    def ticket(self, name: str, size: int) -> tuple[File, str]:
        """Begin an upload; return the file to come and the address that takes its data."""
        file_id, secret = f"F0{secrets.token_hex(5).upper()}", secrets.token_urlsafe(24)
        address = f"{self._base_url}/files-pri/{facts.TEAM_ID}-{file_id}/{quote(_UNSAFE.sub('_', name.lower()))}"
        with self._lock:
            file = self._files[file_id] = File(file_id, name, size, address, int(self._clock()))
            self._tickets[secret] = file_id
        return file, f"{self._base_url}/upload/v1/{secret}"

    def receive(self, secret: str, content: bytes) -> None:
        """Take the data of a file; again, until it is complete. SlackRefusal when they are not what was said."""
        with self._lock:
            file = self._files.get(self._tickets.get(secret, ""))
            if file is None:
                raise SlackRefusal("not_found")
            if not content:
                raise SlackRefusal("no_file_data")
            if len(content) != file.size:
                raise SlackRefusal("wrong_length", said=file.size, sent=len(content))
            self._files[file.id] = replace(file, content=content)

    def complete(self, titles: Sequence[tuple[str, str]]) -> tuple[File, ...]:
        """Finish the uploads of all these files, by id, or of none: SlackRefusal when one has no data or no ticket."""
        with self._lock:
            with_ticket = {file_id: secret for secret, file_id in self._tickets.items()}
            for file_id, _ in titles:
                if file_id not in with_ticket or self._files[file_id].content is None:
                    raise SlackRefusal("file_not_found")
            for file_id, title in titles:
                self._files[file_id] = replace(self._files[file_id], title=title)
                self._tickets.pop(with_ticket[file_id], None)
            return tuple(self._files[file_id] for file_id, _ in titles)

    def find(self, file_id: str) -> File | None:
        """Return a file, complete or not; None when there is none."""
        with self._lock:
            return self._files.get(file_id)
