"""The words about who gets in: by the client's own group, by teams, by both."""

from __future__ import annotations

from dataclasses import replace

from bot.aws.entrance import entrance_by
from bot.domain.model import OWN_GROUP, Place
from tests.unit.slack.samples import SETTINGS

GROUP = "the IAM group `switchyard-dev-c1`"
OPERATORS = Place("operators", 1)


def test_a_clients_own_group_is_named_where_there_is_nothing_else() -> None:
    for places in ((), (OWN_GROUP,)):
        words = entrance_by(SETTINGS, "c1", places)
        assert words.people == f"members of {GROUP}"
        assert words.removal == f"removes all members from {GROUP} and deletes the group"
        assert words.removed == f"{GROUP} is deleted"
        [joining] = words.joining
        assert joining.command == "aws iam add-user-to-group --group-name switchyard-dev-c1 --user-name USER_NAME"
        assert (words.lack, words.federated) == ("", "")


def test_a_team_and_the_group_are_both_named() -> None:
    words = entrance_by(SETTINGS, "c1", (OPERATORS, OWN_GROUP))
    assert words.people == f"the team `operators` and members of {GROUP}"
    assert words.removal == (
        f"takes the role off the pages of the team `operators`, removes all members from {GROUP} and deletes the group"
    )
    assert words.removed == f"the role is off the pages of the team `operators`, and {GROUP} is deleted"
    assert words.missing == f"no page of the team `operators` lists the role, and {GROUP} does not exist"
    assert [one.command.split()[4] for one in words.joining] == ["switchyard-dev-team-operators", "switchyard-dev-c1"]
    assert words.lack == ""


def test_without_the_group_nobody_hears_of_it() -> None:
    words = entrance_by(replace(SETTINGS, client_groups=False), "c1", (OPERATORS, Place("data")))
    assert words.people == "the teams `operators` and `data`"
    assert words.removal == "takes the role off the pages of the teams `operators` and `data`"
    assert [one.command.split()[4] for one in words.joining] == [
        "switchyard-dev-team-operators",
        "switchyard-dev-team-data",
    ]
    assert "once for all clients:" in words.joining[0].who
    assert "switchyard-dev-c1" not in str(words)
    assert words.lack == ""


def test_a_missing_group_is_explained_where_clients_should_have_one() -> None:
    assert "nearly as many groups as IAM allows" in entrance_by(SETTINGS, "c1", (OPERATORS,)).lack


def test_somebody_joins_the_group_of_the_ten_pages_that_reach_the_client() -> None:
    [tenth, eleventh] = (entrance_by(SETTINGS, "c1", (Place("operators", number),)).joining[0] for number in (10, 11))
    assert "--group-name switchyard-dev-team-operators --user-name" in tenth.command
    assert "--group-name switchyard-dev-team-operators-2 --user-name" in eleventh.command
    assert "once for all clients on the team's pages 11 to 20; this one is on page 11:" in eleventh.who


def test_a_permission_set_finds_the_pages_by_their_path() -> None:
    assert "`/switchyard/teams/dev/`" in entrance_by(SETTINGS, "c1", (OPERATORS,)).federated
    said = entrance_by(SETTINGS, "c1", (Place("operators", 11), Place("data", 1), OWN_GROUP)).federated
    assert "on `switchyard-dev-team-operators-11` and `switchyard-dev-team-data-1`)" in said
    assert "today" not in entrance_by(SETTINGS, "c1", (Place("operators"),)).federated
