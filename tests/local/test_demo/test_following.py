"""What the terminal says of what a person did: once, and only what AWS lets the operator do by then."""

import pytest

from local.demo.actors import Company, Operator
from local.demo.cast import Cast
from local.demo.following import Following
from local.demo.scene import Scene
from local.demo.slack import Seen, Slack
from local.demo.teller import Teller
from tests.local.test_demo.conftest import ListeningTranscript


class Deploying(Company):
    """A company whose stacks are only counted."""

    def delete_stack(self, stack_id: str) -> None:
        deleted.append(stack_id)


class AtTheDoor(Operator):
    """Gets into what is in `roles`."""

    def __init__(self) -> None:
        self.name, self.roles = "olli", set[str]()

    def switch_into(self, role_arn: str) -> str | None:
        return f"{role_arn}/olli" if role_arn in self.roles else None


class Channel(Slack):
    """Holds two messages, as they are now."""

    def __init__(self) -> None:
        super().__init__("http://nowhere")
        self.now = {"one": message("one", "🟡 Waiting"), "several": message("several", "🟡 Wayne\n🟡 Wayne")}

    def messages(self) -> list[Seen]:
        return list(self.now.values())


deleted: list[str] = []
listed: list[str] = []
ACME = Deploying("Acme", "222222222222")
WAYNE = [Company("Wayne", "333333333333"), Company("Wayne", "444444444444")]


def message(request_id: str, words: str, *buttons: str) -> Seen:
    return Seen(request_id, None, True, words, buttons, (), True, request_id)


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def olli() -> AtTheDoor:
    return AtTheDoor()


@pytest.fixture
def following(channel: Channel, olli: AtTheDoor) -> Following:
    deleted.clear()
    listed.clear()
    scene = Scene(channel.now["one"], "stack-1", channel.now["several"])
    cast = Cast(ACME, ACME, ACME, WAYNE)
    return Following(Teller(channel, ListeningTranscript()), scene, cast, olli, lambda: list(listed))


def said(following: Following) -> list[str]:
    """Look twice, since each change is said once; return all that was said so far."""
    following.look()
    following.look()
    assert isinstance(following.teller.tell, ListeningTranscript)
    return [line.strip() for line in following.teller.tell.said]


def test_nothing_is_said_while_nothing_is_decided(following: Following) -> None:
    assert said(following) == []


def test_who_is_let_in_is_said_once_the_operator_gets_in(
    following: Following, channel: Channel, olli: AtTheDoor
) -> None:
    channel.now["one"] = message("one", "✅ Acme is onboarded")
    assert said(following) == []
    olli.roles.add(ACME.role_arn())
    [line] = said(following)
    assert line.startswith("Acme is let in.") and line.endswith(f"{ACME.role_arn()}/olli")


def test_a_message_that_somebody_deleted_ends_nothing(following: Following, channel: Channel) -> None:
    del channel.now["one"]
    assert said(following) == []


def test_a_denial_says_how_to_go_on(following: Following, channel: Channel) -> None:
    channel.now["one"] = message("one", "⛔ Denied", "Reopen")
    [line] = said(following)
    assert line.startswith("You denied Acme")


def test_several_are_told_when_all_are_decided_with_how_many_get_in(
    following: Following, channel: Channel, olli: AtTheDoor
) -> None:
    olli.roles.add(WAYNE[0].role_arn())
    channel.now["several"] = message("several", "✅ Wayne\n🔵 Wayne")
    assert said(following) == []
    channel.now["several"] = message("several", "✅ Wayne\n⛔ Wayne")
    [line] = said(following)
    assert "All 2 accounts of Wayne are decided. Olli can switch into 1 of them." in line


def test_enter_deletes_the_stack_once_and_only_of_a_client_that_is_in(following: Following, channel: Channel) -> None:
    following.enter()
    assert deleted == []
    channel.now["one"] = message("one", "✅ Acme is onboarded")
    following.enter()
    following.enter()
    assert deleted == ["stack-1"]


def test_who_left_has_left_only_when_no_page_lists_the_role(
    following: Following, channel: Channel, olli: AtTheDoor
) -> None:
    channel.now["one"] = message("one", "✅ Acme is onboarded")
    olli.roles.add(ACME.role_arn())
    listed.append(ACME.role_arn())
    following.enter()
    olli.roles.clear()
    assert not any("has left" in line for line in said(following))
    listed.clear()
    assert said(following)[-1] == "Acme has left: AWS refuses Olli the switch, though he is still in the team."
