"""Each message names those whom it is about: the teams and the group of its request, or what the client has by now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.answers import Revocation
from bot.domain.message import Shows, raised
from bot.domain.model import OWN_GROUP, Place
from bot.domain.page import Teams
from bot.domain.vocabulary import State, Verb
from bot.ports.store import Change
from bot.slack.render.card import switch_role_card
from bot.slack.render.revoking import question
from bot.slack.render.views import request_message
from tests.fakes import ADA, World
from tests.unit.slack.samples import SETTINGS, words

TEAM = Teams(("operators",))
TEAM_ALONE = Teams(("operators",), client_groups=False)


def shown(world: World, back: int = 1) -> str:
    """The words of the channel's newest message, or of one before it, as last drawn."""
    ts = world.channel.messages[-back].ts
    drawn = [call.drawn for call in world.channel.calls if call.drawn is not None and call.name in ("post", "edit")]
    request_id = next(one.request.id for one in world.channel.messages if one.ts == ts)
    newest = [one for one in drawn if one.request.id == request_id and not one.message.shows.replies][-1]
    return words(request_message(newest, SETTINGS))


def asked(world: World, team: Teams) -> str:
    world.teams = team
    world.happens("CREATE_COMPLETE", token=world.invite())
    return shown(world)


def test_a_request_says_who_will_get_in() -> None:
    people = "*Approve* lets the team `operators` and members of the IAM group `switchyard-prod-"
    assert people in asked(World(), TEAM)
    assert "*Approve* lets the team `operators` switch into" in asked(World(), TEAM_ALONE)
    assert "*Approve* lets members of the IAM group `switchyard-prod-" in asked(World(), Teams())


def test_done_says_who_may_switch_now() -> None:
    world = World(teams=TEAM_ALONE)
    world.onboard()
    assert "Now the team `operators` may switch into `switchyard-access`" in shown(world)
    assert "IAM group" not in shown(world)


def test_a_request_that_lets_a_team_in_alone_says_why() -> None:
    world = World(teams=TEAM)
    world.stacks.room_for_groups = False
    world.onboard()
    assert "Now the team `operators` may switch into `switchyard-access`" in shown(world)
    assert "The client got no IAM group of its own" in shown(world)
    with_room = World(teams=TEAM)
    with_room.onboard()
    assert "no IAM group of its own" not in shown(with_room)


@pytest.mark.parametrize("later", [TEAM, Teams()])
def test_a_removal_names_what_the_client_has_whatever_the_settings_are_by_then(later: Teams) -> None:
    world = World(teams=TEAM_ALONE)
    world.onboard()
    world.teams = later
    world.happens("DELETE_COMPLETE", last_word=True)
    assert "*Approve* takes the role off the pages of the team `operators`. *Deny*" in shown(world)
    world.press(Verb.APPROVE)
    world.work()
    assert world.last.state is State.DONE
    assert "The access is removed: the role is off the pages of the team `operators`." in shown(world)
    assert "IAM group" not in shown(world) and "Nobody was in it" not in shown(world)


def test_a_client_from_before_there_were_teams_leaves_by_its_group_alone() -> None:
    world = World(teams=Teams())
    world.onboard()
    world.teams = TEAM
    world.happens("DELETE_COMPLETE", last_word=True)
    assert "*Approve* removes all members from the IAM group" in shown(world)
    assert "operators" not in shown(world)
    world.press(Verb.DENY)
    assert "operators" not in shown(world)


def test_a_failed_removal_says_who_can_still_switch_in() -> None:
    world = World(teams=TEAM)
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.take_up()
    for moved in world.pages.complete(failing="AccessDenied"):
        world.workflow.record_outcome(moved)
    assert world.last.state is State.FAILED
    assert "assume that the team `operators` and members of the IAM group `switchyard-prod-" in shown(world)


@pytest.mark.safety("A removal's message names every place where people may get in", "bot/domain/model.py")
def test_removing_what_failed_halfway_names_the_team_that_may_be_in() -> None:
    world = World(teams=TEAM)
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.take_up()
    for moved in world.stacks.complete():
        world.workflow.record_outcome(moved)
    world.take_up()
    for moved in world.pages.complete(failing="LimitExceeded"):
        world.workflow.record_outcome(moved)
    world.happens("DELETE_COMPLETE", last_word=True)
    assert "*Approve* takes the role off the pages of the team `operators`, removes all members from" in shown(world)


@pytest.mark.parametrize(("teams", "group"), [(TEAM, True), (TEAM_ALONE, False)])
def test_the_question_before_a_revocation_names_both(teams: Teams, group: bool) -> None:
    world = World(teams=teams)
    revocation: Revocation = world.workflow.ask_to_revoke(world.onboard(), ADA)
    told = words(question(revocation, SETTINGS))
    assert "*Revoke* takes the role off the pages of the team `operators`" in told
    assert ("deletes the group" in told) is group


def test_revoked_says_whose_access_has_ended() -> None:
    world = World(teams=TEAM_ALONE)
    world.revoke(world.onboard())
    world.work()
    assert "The access is removed: the role is off the pages of the team `operators`." in shown(world)


@pytest.mark.safety("A message names who has access, not who was asked about", "bot/channel/drawing.py")
def test_a_denied_update_says_who_has_access_not_who_was_asked_about() -> None:
    world = World(teams=Teams())
    world.onboard()
    world.teams = TEAM
    world.happens("UPDATE_COMPLETE", role="another-role")
    assert "*Approve* lets the team `operators` and members of the IAM group" in shown(world)
    world.press(Verb.DENY)
    assert "Nothing was changed: members of the IAM group `switchyard-prod-" in shown(world)
    assert "operators" not in shown(world)


def test_the_card_names_the_group_whose_pages_list_the_client() -> None:
    world = World(teams=TEAM)
    world.onboard()
    moved = replace(world.client(), places=(OWN_GROUP, Place("operators", 12)))
    world.store.save(Change(client=moved, raises=(raised(world.last, world.clock.now(), Shows.CARD),)))
    world.workflow.show([moved.id])
    drawn = [call.drawn for call in world.channel.calls if call.shows(Shows.CARD)][-1]
    assert drawn is not None
    assert "--group-name switchyard-prod-team-operators-2 " in words(switch_role_card(drawn, SETTINGS))
