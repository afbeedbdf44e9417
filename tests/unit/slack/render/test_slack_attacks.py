"""Nothing a client sends can make a request's message say anything else, and Slack takes the message at its longest."""

from dataclasses import replace
from itertools import product

import pytest

from bot.domain.approvers import Approvers
from bot.domain.limits import Limit
from bot.domain.model import Grant
from bot.domain.request import Attempt, Request
from bot.domain.vocabulary import AccessLevel, Counted, Kind, State
from bot.slack.render import views
from local.slack.block_kit.blocks import MOST_CHARACTERS, block_problems, characters_in
from tests.changed import changed
from tests.unit.slack.samples import ENTRANCE, OF_A_REPAIR, SETTINGS, event, pictured, request, texts

DECIDABLE = (Kind.ONBOARD, Kind.UPDATE, Kind.OFFBOARD)
STATES = [state for state in State if state not in (State.REPORTED, State.DRIFTED)]
EVERY = [
    *product(DECIDABLE, STATES),
    (Kind.REPORT, State.REPORTED),
    *((Kind.REPAIR, state) for state in OF_A_REPAIR),
]
EVIL = "*Acme* `x` <!channel> <https://evil.example|Approve>\n✅ Done\u202e :tada: & _b_"


@pytest.mark.parametrize(("kind", "state"), EVERY)
def test_a_client_cannot_mention_link_format_or_add_a_line(kind: Kind, state: State) -> None:
    timeline = (event("CREATE_FAILED", 1, EVIL, EVIL), event(EVIL, 2, "", EVIL))
    message = views.request_message(pictured(_hostile(request(kind, state)), timeline), SETTINGS)
    everything = [*(text["text"] for text in texts(message)), message.text]
    for shown in everything:
        assert "<!channel" not in shown
        assert "<https://evil" not in shown
        assert "*Acme*" not in shown or "`" in shown
        assert "\u202e" not in shown
        assert not any(line.startswith("✅ Done\ufffd") for line in shown.splitlines())


@pytest.mark.parametrize(("kind", "state"), EVERY)
def test_slack_takes_every_state_as_it_is_and_at_its_longest(kind: Kind, state: State) -> None:
    long = "&" * 1200  # 6000 characters once it is escaped, twice what Slack takes
    approvers = Approvers(tuple(f"U{n:010}" for n in range(80)), tuple(f"S{n:010}" for n in range(80)))
    settings = replace(SETTINGS, approvers=approvers)
    longest = changed(
        _hostile(request(kind, state), long),
        role_name="r" * 64,
        namesakes=tuple(f"{n:012}" for n in range(100)),
        removed_members=tuple(f"{n:064}" for n in range(100)),
        previous=Grant("p" * 64, AccessLevel.ADMINISTRATOR),
        recreated=True,
        attempt=Attempt(99, near_limits=tuple(Limit(kind, 10**9, 10**9) for kind in Counted)),
    )
    timeline = tuple(event("S" * 200, n, long, long) for n in range(100))
    for message in (
        views.request_message(pictured(request(kind, state)), SETTINGS),
        views.request_message(pictured(longest, timeline), settings),
    ):
        assert block_problems(list(message.blocks)) == []
        assert characters_in(list(message.blocks)) <= MOST_CHARACTERS
        assert len(message.text) <= 3000


def test_slack_takes_a_removal_that_many_teams_make_long() -> None:
    """Found by the generated views: ten teams with long names, and much to say below them."""
    teams = replace(ENTRANCE, removed="the role is off the pages of " + "`t0000000000000000000`, " * 200)
    limits = tuple(Limit(kind, 10**9, 10**9) for kind in Counted)
    near = Attempt(1, removed_members=("olli",), near_limits=limits)
    done = changed(request(Kind.OFFBOARD, State.DONE), revoked=True, attempt=near)
    lapsed = tuple(replace(done.decision, actor=f"U{n:010}") for n in range(5)) if done.decision else ()
    message = views.request_message(pictured(changed(done, lapsed=lapsed), entrance=teams), SETTINGS)
    assert block_problems(list(message.blocks)) == []


@pytest.mark.parametrize(("kind", "state"), EVERY)
def test_no_link_or_emoji_is_made_of_what_only_looks_like_one(kind: Kind, state: State) -> None:
    for text in texts(views.request_message(pictured(request(kind, state)), SETTINGS)):
        assert text.get("verbatim") is True if text["type"] == "mrkdwn" else text.get("emoji") is False


def _hostile(one: Request, text: str = EVIL) -> Request:
    return changed(one, company=text, claimed_company=text, reason=text, stack_status=text, invited_by=text)
