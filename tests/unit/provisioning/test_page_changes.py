"""What the end of a change of pages makes of its client."""

from __future__ import annotations

import pytest

from bot.provisioning.page_changes import with_team
from tests.integration.records import a_full_client, a_page_change

ROLE = "arn:aws:iam::222222222222:role/switchyard-access"


@pytest.mark.safety("What a failed request has asked of a page lets nobody in", "bot/provisioning/page_changes.py")
@pytest.mark.parametrize(("request_id", "let_in"), [("", True), ("r1", False)])
def test_a_change_lets_its_team_in_unless_a_request_had_asked_it(request_id: str, let_in: bool) -> None:
    client = a_full_client()
    assert client.given is not None and "further" not in client.given.teams
    change = a_page_change(team="further", client_id=client.id, role_arn=ROLE, request_id=request_id)
    assert ("further" in with_team(client, change).teams) is let_in


def test_a_removal_takes_the_team_off_whoever_asked_it() -> None:
    client = a_full_client()
    for request_id in ("", "r1"):
        change = a_page_change(team=client.teams[0], client_id=client.id, role_arn=None, request_id=request_id)
        assert with_team(client, change).teams == client.teams[1:]
