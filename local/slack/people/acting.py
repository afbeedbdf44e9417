"""What people do in the workspace: type a command, press, write, choose a shortcut; and what they see of the answer."""

import json
from dataclasses import dataclass

from local.slack.app.elements import Target
from local.slack.app.interactions import Interactions
from local.slack.app.link import AppAnswer, AppLink, DeliveryFailed
from local.slack.app.response_urls import Conversation, show_answer
from local.slack.app.signing import SignedRequest
from local.slack.workspace import facts
from local.slack.workspace.errors import SlackRefusal
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json, Message
from local.slack.workspace.modals import Window


@dataclass(frozen=True)
class Outcome:
    """What came of an act: the app's answer, or Slack's error word with a sentence for the person."""

    answer: AppAnswer | None = None
    error: str | None = None
    explanation: str | None = None

    @property
    def ok(self) -> bool:
        """True when the app took the request in time."""
        return self.error is None


class Acting:
    """Acts in the name of a person."""

    def __init__(self, workspace: Workspace, interactions: Interactions, link: AppLink) -> None:
        self._workspace = workspace
        self._interactions = interactions
        self._link = link

    def run_command(self, person: facts.Person, line: str, channel: facts.Channel = facts.ONBOARDING) -> Outcome:
        """Send a slash command; the answer's body is shown as Slack shows it, a failure by Slackbot."""
        command = line.split(maxsplit=1)[0] if line.split() else line
        if command not in facts.COMMANDS:
            known = ", ".join(facts.COMMANDS)
            self._slackbot_says(person, channel, f"{_escaped(command)} is not a valid command here. There is: {known}")
            return Outcome(error="unknown_command", explanation=f"{command} is not a valid command.")
        try:
            answer = self._link.deliver(self._interactions.command(person, line, channel))
            self._show_command_answer(person, channel, answer)
        except DeliveryFailed as failure:
            return self._command_failed(person, channel, command, failure.error, failure.explanation)
        except SlackRefusal as refusal:
            sentence = f"Slack refused what the app answered: {_problems(refusal)}"
            return self._command_failed(person, channel, command, refusal.error, sentence)
        return Outcome(answer)

    def press(self, person: facts.Person, message: Message, target: Target) -> Outcome:
        """Press something; the body of the app's answer means nothing to Slack, only its status."""
        return self._sent(self._interactions.press(person, message, target))

    def press_in_view(self, person: facts.Person, view: Window, target: Target) -> Outcome:
        """Press something in a window or a Home tab, as it looked when it was pressed."""
        return self._sent(self._interactions.press_in_view(person, view, target))

    def shortcut(self, person: facts.Person, callback_id: str) -> Outcome:
        """Choose a global shortcut; KeyError where the manifest has none of this id."""
        if callback_id not in {each.callback_id for each in self._workspace.manifest.shortcuts}:
            raise KeyError(callback_id)
        return self._sent(self._interactions.shortcut(person, callback_id))

    def say(self, person: facts.Person, text: str, channel: facts.Channel = facts.ONBOARDING) -> Message:
        """Write an ordinary line into the channel."""
        return self._workspace.post(Message("", channel.id, person.id, _escaped(text)))

    def delete(self, message: Message) -> None:
        """Delete a message, as its author or an administrator of the workspace can. The app is not told."""
        self._workspace.delete(message.ts)

    def _sent(self, request: SignedRequest) -> Outcome:
        try:
            return Outcome(self._link.deliver(request))
        except DeliveryFailed as failure:
            return Outcome(error=failure.error, explanation=failure.explanation)

    def _show_command_answer(self, person: facts.Person, channel: facts.Channel, answer: AppAnswer) -> None:
        arguments = _answer_arguments(answer)
        if arguments:
            show_answer(self._workspace, Conversation(person.id, channel.id), arguments)

    def _command_failed(
        self, person: facts.Person, channel: facts.Channel, command: str, error: str, explanation: str
    ) -> Outcome:
        self._slackbot_says(person, channel, f"{command} failed with the error “{error}”\n{_escaped(explanation)}")
        return Outcome(error=error, explanation=explanation)

    def _slackbot_says(self, person: facts.Person, channel: facts.Channel, text: str) -> None:
        message = Message("", channel.id, facts.SLACKBOT_ID, text, private_to=person.id)
        self._workspace.post(message)


def _answer_arguments(answer: AppAnswer) -> Json:
    text = answer.body.decode(errors="replace").strip()
    if answer.content_type != "application/json":
        return {"text": text} if text else {}
    try:
        arguments = json.loads(text or "{}")
    except ValueError as unreadable:
        raise SlackRefusal("invalid_json") from unreadable
    return arguments if isinstance(arguments, dict) else {"text": text}


def _problems(refusal: SlackRefusal) -> str:
    return "; ".join(refusal.details.get("errors", [])) or refusal.error


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
