"""Home and the ⚡ menu on the page, and windows with menus: drawn, filled in and pressed as in Slack."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from local.slack import ADA, OLLI, AppAnswer, Manifest, RunningWorkspace, Shortcut, SignedRequest, running_workspace
from tests.local.test_slack_page.test_drawing import page
from tests.local.test_slack_page.test_endpoints import act, ask, state

View = dict[str, Any]
INVITE = Shortcut("invite", "Invite a client", "Opens a window")
LOOK = ("look",)
ON = Manifest(True, ("app_home_opened",), (INVITE,))


def plain(text: str) -> View:
    return {"type": "plain_text", "text": text}


def option(text: str, **fields: Any) -> View:
    return {"text": plain(text), "value": text.lower(), **fields}


def asking(label: str, element: View, **fields: Any) -> View:
    return {"type": "input", "block_id": label.lower(), "label": plain(label), "element": element, **fields}


LEVELS = [option("Reader", description=plain("Looks only")), option("Admin", description=plain("Does all"))]
SEARCH = asking("Search", {"type": "plain_text_input", "action_id": "words"}, dispatch_action=True)
STATES = {"type": "static_select", "action_id": "state", "options": [option("Granted"), option("Denied")]}
SHOW = {"type": "button", "action_id": "show", "value": "c1", "text": plain("Show")}
FILTERS = {"type": "actions", "block_id": "filters", "elements": [STATES, SHOW]}
HOME = {"type": "home", "blocks": [{"type": "header", "text": plain("Clients <b>")}, SEARCH, FILTERS]}
WINDOW = {
    "type": "modal",
    "title": plain("Invite"),
    "submit": plain("Send"),
    "blocks": [
        asking("Level", {"type": "static_select", "action_id": "it", "options": LEVELS, "initial_option": LEVELS[0]}),
        asking("Number", {"type": "number_input", "action_id": "it", "is_decimal_allowed": False, "max_value": "9"}),
        asking(
            "Teams",
            {
                "type": "multi_static_select",
                "action_id": "it",
                "placeholder": plain("x"),
                "options": LEVELS,
                "initial_options": LEVELS[1:],
            },
        ),
        FILTERS,
    ],
}


def payload(request: SignedRequest) -> View:
    body = request.body.decode()
    found = json.loads(body if body.startswith("{") else dict(parse_qsl(body))["payload"])
    assert isinstance(found, dict)
    return found


class App:
    """Publishes Home for whoever opens it, opens a window for a shortcut, and keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[View] = []
        self.fails = False
        self.workspace: RunningWorkspace | None = None

    def __call__(self, request: SignedRequest) -> AppAnswer:
        self.got.append(payload(request))
        assert self.workspace is not None
        client, last = self.workspace.client(), self.got[-1]
        if last["type"] == "event_callback" and last["event"]["tab"] == "home":
            client.views_publish(user_id=last["event"]["user"], view=HOME)
        if last["type"] == "shortcut":
            client.views_open(trigger_id=last["trigger_id"], view=WINDOW)
        return AppAnswer(500 if self.fails else 200)


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def ws(app: App) -> Iterator[RunningWorkspace]:
    with running_workspace(app, manifest=ON) as workspace:
        app.workspace = workspace
        yield workspace


def test_home_is_opened_in_the_sidebar_and_drawn_as_it_is_published(ws: RunningWorkspace, app: App) -> None:
    shown = page(ws, ("go", "Home"), ("look",), ("refresh",))
    [event] = [each["event"] for each in app.got]
    assert (event["type"], event["user"], event["tab"]) == ("app_home_opened", "U0ADA", "home")
    assert "has not published its Home tab for you" in shown["looks"][0]["home"]
    for part in ("Clients <b>", "Search", "Press Enter to send", "<button .act>", "Show"):
        assert part in shown["home"]
    assert (shown["header"], shown["composer"]) == ("Switchyard", False)


def test_home_is_its_persons_alone_and_whoever_one_becomes_opens_it_too(ws: RunningWorkspace, app: App) -> None:
    ws.client().views_publish(user_id=ADA.id, view=HOME)
    shown = page(ws, ("go", "Home"), ("be", OLLI.id))
    assert "Clients" not in shown["home"], "Olli's Home, published meanwhile, is drawn with the next refresh"
    assert [each["event"]["user"] for each in app.got] == ["U0ADA", "U0OLLI"]


def test_there_is_no_home_and_no_menu_where_the_manifest_has_none(app: App) -> None:
    with running_workspace(app, manifest=Manifest()) as ws:
        shown = page(ws)
        assert (shown["homes"], shown["shortcuts"]) == ("<div></>", [])


def test_enter_in_a_field_of_home_sends_what_is_typed(ws: RunningWorkspace, app: App) -> None:
    ws.client().views_publish(user_id=ADA.id, view=HOME)
    page(ws, ("go", "Home"), ("refresh",), ("fillIn", "home", "search", "acme"), ("enter", "home", "search"))
    sent = app.got[-1]
    assert (sent["type"], sent["container"]["type"]) == ("block_actions", "view")
    assert [(each["action_id"], each["value"]) for each in sent["actions"]] == [("words", "acme")]


def test_a_button_and_a_menu_of_home_say_what_is_typed_and_chosen(ws: RunningWorkspace, app: App) -> None:
    ws.client().views_publish(user_id=ADA.id, view=HOME)
    typed = ("fillIn", "home", "search", "acme")
    page(
        ws,
        ("go", "Home"),
        ("refresh",),
        typed,
        ("chooseIn", "home", "filters/state", "denied"),
        ("pressIn", "home", "Show"),
    )
    chosen, shown = app.got[-2:]
    assert chosen["actions"][0]["selected_option"]["value"] == "denied"
    assert shown["actions"][0]["value"] == "c1"
    values = shown["view"]["state"]["values"]
    assert values["search"]["words"]["value"] == "acme"
    assert values["filters"]["state"]["selected_option"]["value"] == "denied"


def test_what_is_typed_in_home_outlives_a_publishing(ws: RunningWorkspace, app: App) -> None:
    ws.client().views_publish(user_id=ADA.id, view=HOME)
    again = ("ask", "/_local/open-tab", {"user": ADA.id, "tab": "home"})
    shown = page(ws, ("go", "Home"), ("refresh",), ("fillIn", "home", "search", "ac"), again, ("refresh",))
    assert len(app.got) == 2, "Home was published once more"
    assert shown["homeFields"] == {"search/words": "ac"}


def test_a_press_that_the_app_does_not_take_says_so(ws: RunningWorkspace, app: App) -> None:
    ws.client().views_publish(user_id=ADA.id, view=HOME)
    app.fails = True
    shown = page(ws, ("go", "Home"), ("refresh",), ("pressIn", "home", "Show"))
    assert "⚠ The app answered with status code 500" in shown["home"]


def test_the_direct_message_with_the_app_is_a_tab_of_its_own(ws: RunningWorkspace, app: App) -> None:
    ws.client().conversations_open(users=ADA.id)
    page(ws, ("go", "Switchyard"))
    assert [each["event"]["tab"] for each in app.got] == ["messages"]


def test_a_shortcut_opens_a_window_with_menus_to_fill_in(ws: RunningWorkspace, app: App) -> None:
    shown = page(ws, ("shortcut", "Invite"), ("refresh",), ("fillIn", "modal", "number", "7"), ("look",))
    assert shown["shortcuts"] == ["Invite a clientOpens a window"]
    assert (app.got[0]["callback_id"], app.got[0]["user"]["id"]) == ("invite", "U0ADA")
    for part in ("Looks only", "<option>Admin</>", "<input></><div .line>Reader</>"):
        assert part in shown["modal"]


def test_menus_and_numbers_of_a_window_are_sent_as_they_are_filled_in(ws: RunningWorkspace, app: App) -> None:
    ws.shortcut(ADA, "invite")
    filled = [("fillIn", "modal", "level", "admin"), ("fillIn", "modal", "number", "7")]
    shown = page(ws, *filled, ("look",), ("pressIn", "modal", "Show"), ("submit",))
    assert "Does all" in shown["looks"][0]["modal"], "the meaning of what is chosen"
    pressed, sent = app.got[-2:]
    assert (pressed["type"], sent["type"]) == ("block_actions", "view_submission")
    for each in (pressed, sent):
        values = each["view"]["state"]["values"]
        assert values["level"]["it"]["selected_option"]["value"] == "admin"
        assert values["number"]["it"]["value"] == "7"
        assert [one["value"] for one in values["teams"]["it"]["selected_options"]] == ["admin"]
    assert ws.window(ADA) is None


def test_what_is_filled_in_outlives_another_view_in_the_window(ws: RunningWorkspace, app: App) -> None:
    ws.shortcut(ADA, "invite")
    shown = ws.window(ADA)
    assert shown is not None
    other = {**WINDOW, "title": plain("Once more")}

    def updated(token: str) -> tuple[str, str, dict[str, Any]]:
        return ("ask", "/api/views.update", {"token": token, "view_id": shown.id, "view": other})

    filled = (("fillIn", "modal", "level", "admin"), ("fillIn", "modal", "number", "7"))
    drawn = page(ws, *filled, updated(ws.bot_token), ("refresh",), ("look",), ("submit",))["looks"][0]["modal"]
    assert "Does all" in drawn and "Once more" in drawn
    values = app.got[-1]["view"]["state"]["values"]
    assert (values["level"]["it"]["selected_option"]["value"], values["number"]["it"]["value"]) == ("admin", "7")


def test_a_number_that_is_too_large_is_told_under_its_field(ws: RunningWorkspace, app: App) -> None:
    ws.shortcut(ADA, "invite")
    shown = page(ws, ("fillIn", "modal", "number", "10"), ("submit",), ("refresh",))
    assert "<p .modal-error>Please enter a number that is at most 9.</>" in shown["modal"]
    assert [each["type"] for each in app.got] == ["shortcut"]


def test_the_pages_addresses_press_only_in_what_the_person_has(ws: RunningWorkspace, app: App) -> None:
    ws.client().views_publish(user_id=ADA.id, view=HOME)
    view_id = state(ws)["homes"]["U0ADA"]["id"]
    press = {"view_id": view_id, "label": "Show", "values": {}}
    assert act(ws, "/_local/press-in-view", user="U0OLLI", **press)[0] == 409
    assert act(ws, "/_local/press-in-view", user="U0ADA", **{**press, "label": "Deny"})[0] == 409
    assert act(ws, "/_local/press-in-view", user="U0ADA", **{**press, "values": {"search": 1}})[0] == 400
    assert act(ws, "/_local/open-tab", user="U0ADA", tab="about")[0] == 400
    assert act(ws, "/_local/shortcut", user="U0ADA", callback_id="another")[0] == 404
    assert app.got == []
    assert act(ws, "/_local/press-in-view", user="U0ADA", **press)[1]["ok"]


@pytest.mark.parametrize("path", ["press-in-view", "open-tab", "shortcut"])
def test_other_websites_can_do_nothing_of_that(ws: RunningWorkspace, app: App, path: str) -> None:
    body = {"user": "U0ADA", "tab": "home", "callback_id": "invite"}
    assert ask(ws, f"/_local/{path}", body, {"Origin": "http://evil.example"})[0] == 403
    assert app.got == []


def test_a_home_that_changed_is_new_until_it_is_looked_at(ws: RunningWorkspace) -> None:
    badge = "<span .count>new</>"
    assert badge not in page(ws)["homes"]
    ws.client().views_publish(user_id=ADA.id, view=HOME)
    ws.client().views_publish(user_id=OLLI.id, view=HOME)
    unseen, seen, others = page(ws, LOOK, ("go", "Home"), LOOK, ("go", "onboarding"), ("be", OLLI.id), LOOK)["looks"]
    assert badge in unseen["homes"]
    assert unseen["title"] == "#onboarding · Switchyard demo", "Slack counts messages alone"
    assert badge not in seen["homes"]
    assert badge in others["homes"], "it is another person's Home"
