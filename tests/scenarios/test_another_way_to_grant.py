"""A second way to give access, which is no IAM group: nobody but the composition root knows the difference.

It stands for teams (one list of roles that a team's people may assume) and is as small as the port allows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot.domain.entrance import Entrance, Joining
from bot.domain.limits import Limit
from bot.domain.model import Difference, Grant, Place
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, Remedy
from bot.ports import Progress, StackOutcome, Started
from handlers import outcome, provision
from local.slack.workspace.facts import ADA, OLLI
from local.slack.workspace.message import Message
from tests.scenarios.scene import Scene

PAGE = "list-1"
PEOPLE = "everybody in the team `operators`"


@dataclass
class TeamPage:
    """Keeps to `ports.Access`: one page of roles for one team, whose people stay when a client goes."""

    roles: dict[str, str] = field(default_factory=dict)
    """By client id."""
    updates: dict[str, Request] = field(default_factory=dict)
    """By token: what the page was updated for, in this order."""
    ended: list[str] = field(default_factory=list)

    def has_room_for_groups(self) -> bool:
        return True

    def limits(self) -> tuple[Limit, ...]:
        return ()

    def entrance(self, client_id: str, places: Sequence[Place]) -> Entrance:
        line = f"the line of `{client_id}` on the page of the team `operators`"
        joining = "Whoever is in the team `operators` may switch. This puts somebody in:"
        return Entrance(
            people=PEOPLE,
            removed=f"{line} is deleted",
            missing=f"{line} does not exist",
            removal="takes the role off the page of the team `operators`",
            renewal="writes the page of the team `operators` anew",
            renewed="Whoever is in the team is in it still.",
            joining=(Joining(joining, "teamctl join operators USER_NAME"),),
        )

    def members(self, client_id: str) -> tuple[str, ...]:
        return ()

    def leaving(self, request: Request) -> tuple[str, ...]:
        return ()

    def start(self, request: Request, leaving: Sequence[str] = ()) -> Started:
        assert not leaving
        self.updates.setdefault(request.token, request)
        return Started(f"{PAGE}/{request.client_id}")

    def progress(self, request: Request) -> Progress:
        done = StackOutcome(succeeded=True) if request.token in self.ended else None
        return Progress(begun=request.token in self.updates, outcome=done)

    def differences(self, client_id: str, account_id: str, grant: Grant) -> Sequence[Difference]:
        if self.roles.get(client_id) == grant.role_name:
            return ()
        return (Difference(Remedy.PUT_BACK, f"The page of the team operators lacks {grant.role_name}."),)

    def client_id_of(self, stack_id: str) -> str | None:
        page, _, client_id = stack_id.partition("/")
        return client_id if page == PAGE else None

    def is_written(self) -> list[str]:
        """The page is as it was last wanted. Answers the ids of what moved."""
        news = [one for token, one in self.updates.items() if token not in self.ended]
        for request in news:
            self.ended.append(request.token)
            if request.kind is Kind.OFFBOARD:
                del self.roles[request.client_id]
            else:
                self.roles[request.client_id] = request.stack.role_name
        return [f"{PAGE}/{request.client_id}" for request in news]


@pytest.fixture
def page(scene: Scene) -> TeamPage:
    """The same deployment, put together with another `Access`."""
    granting = TeamPage()
    scene.workflow = replace(scene.workflow, access=granting)
    scene.is_decided_by(scene.workflow.approvers)
    return granting


def work(scene: Scene, page: TeamPage) -> None:
    while scene.bench.waiting:
        provision.create_handler(lambda: scene.workflow)({"request_id": scene.bench.waiting.pop(0)}, None)
    for moved in page.is_written():
        outcome.create_handler(lambda: scene.workflow)({"detail": {"stack-id": moved}}, None)


def onboarded(scene: Scene, page: TeamPage) -> Message:
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    scene.slack.press(ADA, scene.last, "Approve")
    work(scene, page)
    return scene.last


@pytest.fixture(autouse=True)
def _nobody_speaks_of_groups(scene: Scene) -> Iterator[None]:
    yield
    drawn = [json.dumps(one.arguments) for one in scene.slack.calls]
    told = [one.words for who in (ADA, OLLI) for one in scene.slack.ephemerals(who)]
    assert len(drawn) > 1
    assert [words for words in (*drawn, *told) if "group" in words.lower()] == []


def test_it_onboards_in_its_own_words(scene: Scene, page: TeamPage) -> None:
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    assert f"*Approve* lets {PEOPLE} switch into `switchyard-access`." in scene.last.words
    scene.slack.press(ADA, scene.last, "Approve")
    work(scene, page)
    assert list(page.roles.values()) == ["switchyard-access"]
    assert f"Now {PEOPLE} may switch into `switchyard-access`" in scene.last.words
    [card] = scene.slack.thread(scene.last)
    assert "Whoever is in the team `operators` may switch. This puts somebody in:" in card.words
    assert "teamctl join operators USER_NAME" in card.words


def test_it_revokes_and_nobody_is_said_to_have_been_taken_out(scene: Scene, page: TeamPage) -> None:
    onboarded(scene, page)
    scene.slack.run_command(ADA, f"/clients revoke {next(iter(page.roles))}")
    question = scene.slack.ephemerals(ADA)[-1]
    assert "*Revoke* takes the role off the page of the team `operators`" in question.words
    scene.slack.press(ADA, question, "Revoke")
    work(scene, page)
    assert page.roles == {}
    assert "✅" in scene.last.words and "on the page of the team `operators` is deleted" in scene.last.words
    assert "members removed" not in scene.last.words.lower()


def test_its_drift_is_told_in_its_own_words_and_repaired(scene: Scene, page: TeamPage) -> None:
    onboarded(scene, page)
    [client_id] = page.roles
    page.roles[client_id] = "another-role"
    scene.minutes_pass(5)
    assert "The page of the team operators lacks switchyard-access." in scene.last.words
    assert f"*Repair* restores what was approved: {PEOPLE} may switch" in scene.last.words
    scene.slack.press(ADA, scene.last, "Repair")
    work(scene, page)
    assert page.roles == {client_id: "switchyard-access"}
    assert f"✅ Now {PEOPLE} may switch into `switchyard-access`" in scene.last.words


def test_a_client_that_leaves_and_one_that_is_denied_read_as_well(scene: Scene, page: TeamPage) -> None:
    onboarded(scene, page)
    scene.happens("DELETE_COMPLETE", last_word=True)
    assert "*Approve* takes the role off the page of the team `operators`." in scene.last.words
    scene.slack.press(ADA, scene.last, "Deny")
    assert f"{PEOPLE} can switch into it" in scene.last.words
