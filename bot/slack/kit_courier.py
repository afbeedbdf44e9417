"""Brings people their kits in direct messages, and says who mends what Slack refuses."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from slack_sdk import WebClient

from bot.domain.errors import SlackUnavailable
from bot.domain.kit import KitAsked
from bot.kit.files import KitFile
from bot.settings import Settings
from bot.slack.client import SlackRefused, ask
from bot.slack.direct import direct_message
from bot.slack.inbound.replies import answer_at_response_url
from bot.slack.render import kit as texts
from bot.slack.render.blocks import Message

log = logging.getLogger(__name__)


class KitCourier:
    """The Courier on Slack's Web API."""

    def __init__(self, client: WebClient, settings: Settings) -> None:
        self._client, self._settings = client, settings

    def deliver(self, asked: KitAsked, kit: Sequence[KitFile], clients: int, first: Callable[[], None]) -> None:
        """Send these files, of so many clients, and call `first` just before anything is to be seen.

        Raises what `first` raises, and SlackUnavailable where nobody could be told that nothing was sent.
        """
        try:
            channel = direct_message(self._client, asked.user_id)
            first()
            ask(
                self._client.files_upload_v2,
                channel=channel,
                file_uploads=[{"filename": one.name, "content": one.text} for one in kit],
                initial_comment=texts.enclosed(asked.team, clients),
            )
        except SlackUnavailable as error:
            log.error("a kit was not sent: %s", error)  # noqa: TRY400  the sentence says it all
            self._tell(asked, texts.not_sent(error.code if isinstance(error, SlackRefused) else "", self._settings))

    def excuse(self, asked: KitAsked, *, empty: bool) -> None:
        """Tell why nothing was sent. Raises SlackUnavailable where that could not be told."""
        self._tell(asked, texts.nobody_in_it(asked.team) if empty else texts.not_now())

    def _tell(self, asked: KitAsked, message: Message) -> None:
        body = {"response_url": asked.response_url}
        if not answer_at_response_url(self._client, body, message, replace=False):
            raise SlackUnavailable("Nobody could be told that a kit was not sent.")
