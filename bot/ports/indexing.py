"""Lists older clients in the index of words: those stored before there was one, or before its form changed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from bot.domain import words
from bot.domain.errors import Conflict
from bot.ports.store import Change, Store

CLIENTS_AT_ONCE = 100
"""How many clients are looked at in one minute."""


def index_more(store: Store) -> None:
    """Look at the next clients of the list, and save those whose words are not as they should be.

    Once all are done, this reads one record. A client that changes meanwhile is left alone: whoever saves it lists its
    words. Raises TryAgain when the table does not answer; the next minute goes on from the same place.
    """
    turn = store.turn()
    if turn.words_form == words.FORM:
        return
    page = store.clients(CLIENTS_AT_ONCE, turn.words_cursor or None)
    for client in page.clients:
        if client.known_by.words != words.words_of(client):
            with suppress(Conflict):
                store.save(Change(client=client))
    form = turn.words_form if page.cursor else words.FORM
    store.save(Change(turn=replace(turn, words_cursor=page.cursor or "", words_form=form)))
