"""What people do with an open modal: send it filled in, or close it; and what Slack does with the app's answer.

An empty answer closes the window. `response_action` may say `errors` (by block id; the window stays, with all that was
typed), `update` (another view in its place) or `clear`. Any other answer, or none in time, leaves the window open with
Slack's own sentence. Source: docs.slack.dev, "Modals", sections on submissions. `push` is refused: the page has no
stack of windows.
"""

import json
from collections.abc import Mapping

from local.slack.app.interactions import Interactions
from local.slack.app.link import AppAnswer, AppLink, DeliveryFailed
from local.slack.app.signing import SignedRequest
from local.slack.block_kit.arguments import view_given
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

    def submit(self, person: facts.Person, typed: Mapping[str, str], window_id: str | None = None) -> Outcome:
        """Send the window; `typed` is by label or block id, for boxes the ticked ones.

        What is incomplete is not sent, as in Slack.
        """
        window = self._open(person, window_id)
        values = _values(window, typed)
        if errors := _incomplete(window, values):
            self._modals.change(window, errors=errors, problem="")
            return Outcome(error="incomplete", explanation="; ".join(errors.values()))
        try:
            answer = self._link.deliver(self._interactions.submission(person, window, values))
            self._do(window, _response(answer))
        except DeliveryFailed as failure:
            self._modals.change(window, errors={}, problem=TROUBLE)
            return Outcome(error=failure.error, explanation=failure.explanation)
        except SlackRefusal as refusal:
            self._modals.change(window, errors={}, problem=TROUBLE)
            return Outcome(error=refusal.error, explanation=f"Slack refused what the app answered: {refusal.details}")
        return Outcome(answer)

    def request(self, person: facts.Person, typed: Mapping[str, str]) -> SignedRequest:
        """The request of sending the window, unsent and unchecked."""
        window = self._open(person, None)
        return self._interactions.submission(person, window, _values(window, typed))

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


def _values(window: Window, typed: Mapping[str, str]) -> Json:
    return {block["block_id"]: {block["element"]["action_id"]: _filled(block, typed)} for block in window.inputs}


def _filled(block: Json, typed: Mapping[str, str]) -> Json:
    """Return what a field holds when it is sent: what was typed there, else what the app put into it."""
    element = block["element"]
    begun = "\n".join(one["value"] for one in element.get("initial_options", ())) or element.get("initial_value", "")
    text = typed.get(block["block_id"], typed.get(block["label"]["text"], begun))
    if element["type"] == "checkboxes":
        ticked = [one for one in element["options"] if {one["value"], one["text"]["text"]} & set(text.split("\n"))]
        return {"type": "checkboxes", "selected_options": ticked}
    return {"type": element["type"], "value": text or None}


def _incomplete(window: Window, values: Json) -> dict[str, str]:
    """What Slack's own client says about fields, by block id, before it sends anything."""
    found = {}
    for block in window.inputs:
        element, block_id = block["element"], block["block_id"]
        filled = values[block_id][element["action_id"]]
        text = filled.get("value") or "".join(one["value"] for one in filled.get("selected_options", ()))
        if not text and not block.get("optional"):
            found[block_id] = REQUIRED
        elif text and len(text) < element.get("min_length", 0):
            found[block_id] = f"Please use at least {element['min_length']} characters."
        elif len(text) > element.get("max_length", 3000):
            found[block_id] = f"Please use at most {element.get('max_length', 3000)} characters."
    return found


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
