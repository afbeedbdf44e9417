"""What people do with an open modal: send it filled in, or close it; and what Slack does with the app's answer.

An empty answer closes the window. `response_action` may say `errors` (by block id; the window stays, with all that was
typed), `update` (another view in its place) or `clear`. Any other answer, or none in time, leaves the window open with
Slack's own sentence. Source: docs.slack.dev, "Modals", sections on submissions. `push` is refused: the page has no
stack of windows.
"""

import json
from decimal import Decimal

from local.slack.app.filled import Given, options_of, values_of
from local.slack.app.interactions import Interactions
from local.slack.app.link import AppAnswer, AppLink, DeliveryFailed
from local.slack.app.signing import SignedRequest
from local.slack.block_kit.arguments import view_given
from local.slack.block_kit.inputs import is_number
from local.slack.people.acting import Outcome
from local.slack.workspace import facts
from local.slack.workspace.errors import SlackRefusal
from local.slack.workspace.message import Json
from local.slack.workspace.modals import Modals, Window

REQUIRED = "Please complete this required field."
TROUBLE = "We had some trouble connecting. Try again?"


class NothingOpen(LookupError):
    """The person has no window open, or another one."""


class FillingIn:
    """Acts on the windows in the name of a person."""

    def __init__(self, modals: Modals, interactions: Interactions, link: AppLink) -> None:
        self._modals = modals
        self._interactions = interactions
        self._link = link

    def submit(self, person: facts.Person, given: Given, window_id: str | None = None) -> Outcome:
        """Send the window; `given` is by label or block id, as `values_of` takes it.

        What is incomplete is not sent, as in Slack.
        """
        window = self._open(person, window_id)
        if errors := _incomplete(window, values_of(window.inputs, given)):
            self._modals.change(window, errors=errors, problem="")
            return Outcome(error="incomplete", explanation="; ".join(errors.values()))
        try:
            answer = self._link.deliver(self._interactions.submission(person, window, given))
            self._do(window, _response(answer))
        except DeliveryFailed as failure:
            self._modals.change(window, errors={}, problem=TROUBLE)
            return Outcome(error=failure.error, explanation=failure.explanation)
        except SlackRefusal as refusal:
            self._modals.change(window, errors={}, problem=TROUBLE)
            return Outcome(error=refusal.error, explanation=f"Slack refused what the app answered: {refusal.details}")
        return Outcome(answer)

    def request(self, person: facts.Person, given: Given) -> SignedRequest:
        """The request of sending the window, unsent and unchecked."""
        return self._interactions.submission(person, self._open(person, None), given)

    def close(self, person: facts.Person, window_id: str | None = None) -> Outcome:
        """Close the window unsent; the app hears of it only where the view asks for it."""
        window = self._open(person, window_id)
        self._modals.close(window)
        if not window.view.get("notify_on_close"):
            return Outcome()
        try:
            return Outcome(self._link.deliver(self._interactions.closing(person, window)))
        except DeliveryFailed as failure:
            return Outcome(error=failure.error, explanation=failure.explanation)

    def _open(self, person: facts.Person, window_id: str | None) -> Window:
        window = self._modals.of(person.id)
        if window is None or window_id not in {None, window.id}:
            raise NothingOpen(f"{person.name} has no such window open")
        return window

    def _do(self, window: Window, response: Json) -> None:
        match response.get("response_action"):
            case None if not response:
                self._modals.close(window)
            case "clear":
                self._modals.close(window)
            case "update":
                self._modals.change(window, view=view_given(response.get("view")))
            case "errors":
                self._modals.change(window, errors=_errors(window, response.get("errors")), problem="")
            case other:
                raise SlackRefusal("invalid_response_action", response_action=other)


def _incomplete(window: Window, values: Json) -> dict[str, str]:
    """What Slack's own client says about fields, by block id, before it sends anything."""
    found = {}
    for block in window.inputs:
        held = values[block["block_id"]][block["element"]["action_id"]]
        sentence = _missing(held, block) or _wrong(held, block["element"])
        if sentence:
            found[block["block_id"]] = sentence
    return found


def _missing(held: Json, block: Json) -> str:
    filled = held.get("value") or held.get("selected_option") or held.get("selected_options")
    return "" if filled or block.get("optional") else REQUIRED


def _wrong(held: Json, element: Json) -> str:
    text, chosen = held.get("value") or "", held.get("selected_options", [])
    if element["type"] == "number_input":
        return _wrong_number(text, element) if text else ""
    if text and len(text) < element.get("min_length", 0):
        return f"Please use at least {element['min_length']} characters."
    if len(text) > element.get("max_length", 3000):
        return f"Please use at most {element.get('max_length', 3000)} characters."
    most = element.get("max_selected_items", len(options_of(element)))
    return f"Please select at most {most}." if len(chosen) > most else ""


def _wrong_number(text: str, element: Json) -> str:
    if not is_number(text, decimal=element["is_decimal_allowed"]):
        return "Please enter a valid number." if element["is_decimal_allowed"] else "Please enter a whole number."
    least, most = (Decimal(element.get(name, text)) for name in ("min_value", "max_value"))
    if Decimal(text) < least:
        return f"Please enter a number that is at least {least}."
    return f"Please enter a number that is at most {most}." if Decimal(text) > most else ""


def _response(answer: AppAnswer) -> Json:
    text = answer.body.decode(errors="replace").strip()
    try:
        response = json.loads(text or "{}")
    except ValueError as unreadable:
        raise SlackRefusal("invalid_json") from unreadable
    if not isinstance(response, dict):
        raise SlackRefusal("invalid_response_action")
    return response


def _errors(window: Window, errors: object) -> dict[str, str]:
    known = {block["block_id"] for block in window.inputs}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= known:
        raise SlackRefusal("invalid_errors", errors=errors, fields=sorted(known))
    return {str(block_id): str(sentence) for block_id, sentence in errors.items()}
