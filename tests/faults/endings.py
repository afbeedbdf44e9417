"""How each flow ends when nothing fails: without this, a line that is never written would be missing from both runs."""

from __future__ import annotations

from typing import NamedTuple

from bot.domain.vocabulary import State

PENDING, DONE, DENIED, EXPIRED = State.PENDING, State.DONE, State.DENIED, State.EXPIRED
REPORTED, SUPERSEDED = State.REPORTED, State.SUPERSEDED
_ASKED = ("ada invited", "client asked to onboard")
_DRIFTED = "switchyard found changed by hand"
_ONBOARDED = (*_ASKED, "ada approve", "switchyard onboard done")


class Ending(NamedTuple):
    """The requests by age, one message each; how many cards there are; the audit, in order."""

    states: list[State]
    cards: int
    audit: list[str]


ENDS: dict[str, Ending] = {
    "onboard_approve": Ending([DONE], 1, [*_ONBOARDED]),
    "onboard_deny": Ending([DENIED], 0, [*_ASKED, "ada deny"]),
    "deny_on_enterprise_grid": Ending([DENIED], 0, [*_ASKED, "ada deny"]),
    "deny_for_a_reason": Ending([DENIED], 0, [*_ASKED, "ada deny"]),
    "update": Ending([DONE, DONE], 2, [*_ONBOARDED, "client asked to update", "ada approve", "switchyard update done"]),
    "offboard": Ending(
        [DONE, DONE],
        1,
        [
            *_ONBOARDED,
            "client asked to offboard",
            "ada approve",
            "switchyard removes members",
            "switchyard offboard done",
        ],
    ),
    "deletion_confirmed": Ending(
        [DONE, DONE],
        1,
        [
            *_ONBOARDED,
            "client asked to offboard",
            "client deletion confirmed by the gate",
            "ada approve",
            "switchyard removes members",
            "switchyard offboard done",
        ],
    ),
    "deletion_taken_back": Ending(
        [DONE, SUPERSEDED, DONE],
        1,
        [
            *_ONBOARDED,
            "client asked to offboard",
            "client reopened: its stack was not deleted",
            "client superseded",
            "client asked to update",
            "ada approve",
            "switchyard update done",
        ],
    ),
    "role_taken_over": Ending(
        [PENDING, SUPERSEDED, DONE],
        1,
        [
            "ada invited",
            *_ASKED,
            "client asked to onboard",
            "client superseded",
            "client takes over a role",
            "client its role is taken over",
            "client asked to onboard",
            "ada approve",
            "switchyard onboard done",
        ],
    ),
    "retry_after_failure": Ending(
        [DONE], 1, [*_ASKED, "ada approve", "switchyard onboard failed", "ada retry", "switchyard onboard done"]
    ),
    "supersede": Ending(
        [SUPERSEDED, DONE],
        1,
        [*_ASKED, "client superseded", "client asked to onboard", "ada approve", "switchyard onboard done"],
    ),
    "expire": Ending([EXPIRED], 0, [*_ASKED, "switchyard expire"]),
    "deny_reopen_approve": Ending(
        [DONE], 1, [*_ASKED, "ada deny", "ada reopen", "ada approve", "switchyard onboard done"]
    ),
    "failed_client_stack": Ending([REPORTED], 0, ["ada invited"]),
    "invite": Ending([DONE], 1, [*_ONBOARDED]),
    "block": Ending([DENIED], 0, [*_ASKED, "ada deny", "ada block"]),
    "unblock": Ending(
        [DONE],
        1,
        [
            *_ASKED,
            *("ada deny", "ada block", "ada unblock", "ada reopen", "ada approve"),
            "switchyard onboard done",
        ],
    ),
    "cancel_invitation": Ending([], 0, ["ada invited", "ada cancelled"]),
    "look_around": Ending([DONE], 1, [*_ONBOARDED]),
    "stay_at_home": Ending([DONE, PENDING], 1, [*_ONBOARDED, "client asked to update"]),
    "rename": Ending([DONE], 1, [*_ONBOARDED, "ada rename"]),
    "card_for_everybody": Ending(
        [DONE, DONE],
        2,
        [*_ONBOARDED, "ada posted the card", "ada revoke", "switchyard removes members", "switchyard offboard done"],
    ),
    "revoke": Ending(
        [DONE, DONE], 1, [*_ONBOARDED, "ada revoke", "switchyard removes members", "switchyard offboard done"]
    ),
    "revoke_while_an_update_waits": Ending(
        [DONE, SUPERSEDED, DONE],
        1,
        [
            *_ONBOARDED,
            "client asked to update",
            "ada superseded",
            "ada revoke",
            "switchyard removes members",
            "switchyard offboard done",
        ],
    ),
    "two_have_to_approve": Ending([DONE], 1, [*_ASKED, "ada approve", "bea approve", "switchyard onboard done"]),
    "approve_while_provisioning": Ending(
        [DONE, DONE],
        2,
        [
            *_ASKED,
            "ada approve",
            "client asked to update",
            "ada approve",
            "switchyard onboard done",
            "switchyard update done",
        ],
    ),
    "repair": Ending([DONE, DONE], 1, [*_ONBOARDED, _DRIFTED, "ada repair", "switchyard repair done"]),
    "repair_of_a_deleted_group": Ending(
        [DONE, DONE], 1, [*_ONBOARDED, _DRIFTED, "ada repair", "switchyard repair done"]
    ),
    "put_back_by_hand": Ending([DONE, SUPERSEDED], 1, [*_ONBOARDED, _DRIFTED, "switchyard superseded"]),
    "update_of_a_changed_group": Ending(
        [DONE, SUPERSEDED, DONE],
        2,
        [
            *_ONBOARDED,
            _DRIFTED,
            "client superseded",
            "client asked to update",
            "ada approve",
            "switchyard update done",
        ],
    ),
    "refused_press": Ending([DENIED], 0, [*_ASKED, "olli refused: approve", "ada deny"]),
}
