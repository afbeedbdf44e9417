"""Flows in which somebody changes a client group by hand, past Switchyard."""

from __future__ import annotations

from bot.domain.vocabulary import Verb
from tests.faults.flows import onboarded
from tests.faults.people import People


def repair(outside: People) -> None:
    """What the group may do was widened; a press restores what was approved."""
    _at_rest(outside)
    outside.cloud.widens("admin")
    outside.injector.begin()
    outside.press(Verb.REPAIR)


def repair_of_a_deleted_group(outside: People) -> None:
    """The group and its members are gone; a press makes it anew."""
    _at_rest(outside)
    outside.cloud.deletes_group()
    outside.injector.begin()
    outside.press(Verb.REPAIR)


def put_back_by_hand(outside: People) -> None:
    """Whoever changed it changes it back, and the button goes."""
    _at_rest(outside)
    outside.cloud.widens("admin")
    outside.injector.begin()
    outside.wait_for(lambda: outside.channel.offered(Verb.REPAIR) is not None, "nothing was told")
    outside.cloud.widens("switchyard-access")
    outside.wait_for(lambda: outside.channel.offered(Verb.REPAIR) is None, "it is still told")


def update_of_a_changed_group(outside: People) -> None:
    """The client's own update outranks the repair, and the group grants what it asks for."""
    _at_rest(outside)
    outside.cloud.widens("admin")
    outside.injector.begin()
    outside.wait_for(lambda: outside.channel.offered(Verb.REPAIR) is not None, "nothing was told")
    outside.happens("UPDATE_COMPLETE", role="renamed")
    outside.press(Verb.APPROVE)


def _at_rest(outside: People) -> None:
    """A client that nothing has happened to for a while, and a sweep that compares."""
    onboarded(outside)
    outside.minutes(3)
    outside.compares = True
