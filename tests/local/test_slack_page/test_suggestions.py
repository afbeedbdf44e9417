"""The commands that the page suggests: all that the app's help explains and the manifest tells Slack of."""

import re
from collections.abc import Iterator

import pytest
import yaml

from bot.domain.vocabulary import TeamVerb
from bot.slack.inbound.commands import ClientVerb
from deploy.manifest import SOURCE
from local.slack import AppAnswer, RunningWorkspace, running_workspace
from local.slack.page.suggestions import HELP, suggested, suggestions
from tests.local.test_slack_page.test_drawing import page


@pytest.fixture
def ws() -> Iterator[RunningWorkspace]:
    with running_workspace(lambda _request: AppAnswer(200)) as workspace:
        yield workspace


def test_the_manifest_tells_slack_of_the_commands_that_are_suggested() -> None:
    [command] = yaml.safe_load(SOURCE.read_text())["features"]["slash_commands"]
    hinted = {each.split()[0] for each in re.split(r" \| ", command["usage_hint"].strip("[]"))}
    words = {each["line"].split()[1] for each in suggestions() if " " in each["line"]}
    assert hinted == words - {"acme"} | {"<words>", "help"}
    assert all(re.fullmatch(r"[^<>{}`*]{3,}", each["meaning"]) for each in suggestions()), suggestions()


def test_a_command_that_the_help_explains_is_suggested() -> None:
    text = (
        "*Clients*\n`/clients` or `/clients list` lists them. `/clients new &lt;a&gt;` makes `it`: {{ levels }}.\n"
        "{% if team %}`/clients --team {{ team }}` names it, of {{ many }}; write it. See `/clients old`.\n{% endif %}"
    )
    assert [(each["line"], each["meaning"]) for each in suggested(text)] == [
        ("/clients", "lists them"),
        ("/clients new <a>", "makes it"),
        ("/clients --team <team>", "names it"),
    ]


def test_every_command_that_the_app_understands_is_suggested() -> None:
    lines = {each["line"].removeprefix("/clients").strip() for each in suggestions()}
    of_clients, of_teams = ({one.value for one in verbs} for verbs in (ClientVerb, TeamVerb))
    first = {line.split()[0] for line in lines if line}
    assert {*of_clients, "invite", "invitations", "kit", "team", "teams"} <= first
    assert "" in lines, "the list has no word of its own"
    assert all(f" {verb} " in re.sub(r"\W", " ", HELP.read_text()) for verb in of_teams)


def test_what_is_typed_narrows_the_suggestions_down(ws: RunningWorkspace) -> None:
    written = [step for line in ("/", "/clients invita", "hello") for step in (("write", line), ("look",))]
    every, one, none = (each["suggestions"] for each in page(ws, *written)["looks"])
    assert (len(every), none) == (len(suggestions()), [])
    assert [each.startswith("/clients invitations") for each in one] == [True]


def test_a_taken_suggestion_leaves_its_placeholders_to_be_typed(ws: RunningWorkspace) -> None:
    taken = (("write", "/clients inv"), ("take", "/clients invite <company>"), ("look",))
    shown = page(ws, *taken, ("write", "/clients invite Acme"))
    assert shown["looks"][0]["line"] == "/clients invite "
    assert shown["suggestions"][0].startswith("/clients invite <company>"), "a reminder"
    assert all(each.startswith("/clients invite <") for each in shown["suggestions"])


def test_the_arrow_keys_reach_the_suggestions(ws: RunningWorkspace) -> None:
    up, down = ("key", "ArrowUp"), ("key", "ArrowDown")
    looks = page(ws, ("write", "/clients in"), up, ("look",), down, ("look",), down, ("look",))["looks"]
    assert [each["focused"] for each in looks] == [looks[0]["suggestions"][-1], "", looks[0]["suggestions"][0]]
