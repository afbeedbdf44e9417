"""The people around Switchyard during a fault: they press and type again when told to, or when nothing came back."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bot.domain.answers import Actor, ClientShown
from bot.domain.errors import SwitchyardError
from bot.domain.message import Message as Stored
from bot.domain.message import Shows
from bot.domain.vocabulary import Verb
from bot.slack import ids
from bot.slack.inbound import denying, listeners, naming
from bot.slack.inbound.pressing import Press
from bot.slack.render import answers
from bot.slack.render.blocks import Message
from tests.fakes import ADA
from tests.faults.injection import ProcessDied
from tests.faults.outside import DELIVERIES, NobodyCouldGoOn, Outside
from tests.faults.windows import View, filled_in
from tests.unit.slack.samples import SETTINGS

Found = TypeVar("Found")
REFRESHED = 3
"""Minutes that somebody waits at Home."""
COUNTS, NOTHING_OPEN = "counts for", "is open any more"
DONE_ALREADY = "You have already approved this"


@dataclass
class People(Outside):
    """What somebody presses or types counts in the end, or nobody could go on."""

    def press(self, verb: Verb, actor: Actor = ADA) -> None:
        """Wait for the button under the newest message, press it, and do what the answer says."""
        self.wait_for(lambda: self.channel.offered(verb) is not None, f"nobody could press {verb}")
        for _ in range(DELIVERIES):
            answer = self._pressed(verb, actor)
            if answer is None:
                break
            self.notice(f"who pressed {verb}")
            if answer != answers.try_again():
                self.minute()
                if not self.channel.offered(verb) or DONE_ALREADY in read(answer):
                    break
        else:
            raise NobodyCouldGoOn(f"{verb} was pressed {DELIVERIES} times in vain")
        self.work()

    def press_all(self, verb: Verb, actor: Actor = ADA) -> None:
        """Wait for the button for all accounts, and press it until the answer says that it counts, or it is gone."""
        self.wait_for(lambda: self.channel.offered_for_all(verb) is not None, f"nobody could press {verb} for all")
        for _ in range(DELIVERIES):
            action = self.channel.offered_for_all(verb)
            if action is None or self._counts_for_all(action, actor):
                break
            self.notice(f"who pressed {verb} for all")
            self.minute()
        else:
            raise NobodyCouldGoOn(f"{verb} was pressed for all {DELIVERIES} times in vain")
        self.work()

    def _counts_for_all(self, action: dict[str, str], actor: Actor) -> bool:
        """Press it. Return whether the person is told that it counts, or has counted before."""
        try:
            answer = listeners.press(self._press(action, actor))
        except (ProcessDied, SwitchyardError):
            return False
        return answer is not None and any(told in read(answer) for told in (COUNTS, NOTHING_OPEN, DONE_ALREADY))

    def press_in_vain(self, verb: Verb, actor: Actor, told: str) -> None:
        """Press what does not count, until the person has been told so."""
        self.wait_for(lambda: self.channel.offered(verb) is not None, f"nobody could press {verb}")
        for _ in range(DELIVERIES):
            self._pressed(verb, actor)
            self.provision()
            if any(told in one for one in self.channel.told(actor.user_id)):
                return
            self.notice(f"who pressed {verb}")
        raise NobodyCouldGoOn(f"{actor.user_id} was not told: {told}")

    def denies_for(self, reason: str, actor: Actor = ADA) -> None:
        """Press Deny until a window opens, and send it until Slack says that it was taken, or that it is too late."""
        self.wait_for(lambda: self.channel.offered(Verb.DENY) is not None, "nobody could press deny")
        view = self._until_there(lambda: self._window(actor))
        answer = self._until_there(lambda: self._sent(filled_in(view, reason), actor))
        assert answer in ("", "update")
        self.work()

    def _window(self, actor: Actor) -> View | None:
        action = self.channel.offered(Verb.DENY)
        self.injector.fresh_process()
        try:
            return self.channel.window(actor.user_id, action) if action else None
        except (ProcessDied, SwitchyardError):
            return None

    def _sent(self, view: View, actor: Actor) -> str | None:
        """What Slack does with the window; None when it stays open, as it also does when no answer comes."""
        try:
            denied = denying.deny(view, actor, self.workflow(), SETTINGS, "mark")
            answer = str(denied.answer.get("response_action", ""))
        except (ProcessDied, SwitchyardError):
            return None
        return None if answer == "errors" else answer

    def _until_there(self, act: Callable[[], Found | None]) -> Found:
        for _ in range(DELIVERIES):
            found = act()
            if found is not None:
                return found
            self.notice("who denied or revoked")
        raise NobodyCouldGoOn(f"no answer came {DELIVERIES} times")

    def _pressed(self, verb: Verb, actor: Actor) -> Message | None:
        """What the person is told privately, None when the press counted."""
        action = self.channel.offered(verb)
        if action is None:
            return None
        try:
            message = listeners.press(self._press(action, actor))
            if message is not None:
                self.channel.tell(actor.user_id, message)
        except (ProcessDied, SwitchyardError):  # Slack's own warning, or the answer to a fault of ours
            return answers.try_again()
        return message

    def types(self, line: str, answered: Callable[[str], object]) -> str:
        """Type `/clients …` until the answer is one that counts as such; answers what it says."""
        return self._until(lambda: self._answered(line), line, answered)

    def _answered(self, line: str) -> Message:
        return self._first(listeners.answer_command(line, ADA, self.workflow(), SETTINGS, _fresh()))

    def _first(self, answer: Message | None) -> Message:
        """Whoever types or presses it again sends another signed request, so none has come before."""
        assert answer is not None
        return answer

    def cancels(self, hashed: str) -> None:
        """Press Cancel in the list of open invitations."""
        self._until(
            lambda: self._first(self._button(ids.CANCEL_INVITATION, hashed)),
            "Cancel",
            lambda answer: "is cancelled" in answer or "Nobody could use this invitation any more" in answer,
        )

    def reads_on(self) -> None:
        """Press Newest in the history of the only client."""
        [client_id] = self.stored().stored_clients
        self._until(
            lambda: self._first(self._button(ids.NEWEST_HISTORY, client_id)),
            "Newest",
            lambda answer: "approve" in answer,
        )

    def opens_home(self, shows: str = "onboarded") -> None:
        """Open Home until it shows this."""
        self._until(self._home, "Home", lambda answer: shows in answer)

    def _home(self) -> Message:
        self.channel.opens_home(ADA.user_id, self.workflow())
        return self.channel.at_home(ADA.user_id)

    def looks_around_at_home(self) -> None:
        """Press what changes nothing of what Home shows."""
        with suppress(ProcessDied):
            self.workflow().note_presence(ADA.user_id)

    def home_comes_to_show(self, told: str) -> None:
        """Wait until Home shows this. Who waits in vain opens it again, for a crash may cost the refresh."""
        for _ in range(REFRESHED):
            if told in read(self.channel.at_home(ADA.user_id)):
                return
            self.minute()
        self.notice("who is at Home")
        self.opens_home(told)

    def has_the_card_posted(self) -> None:
        """Press Card for everybody until it is on its way. Who gets no answer looks into the channel first."""
        [client_id] = self.stored().stored_clients
        self._until_there(lambda: self._on_its_way(client_id))
        self.work()
        self.wait_for(lambda: all(one.ts for one in self._cards_again()), "the card did not come")

    def _cards_again(self) -> list[Stored]:
        return [one for one in self.stored().stored_messages.values() if one.shows is Shows.AGAIN]

    def _on_its_way(self, client_id: str) -> bool | None:
        if self._cards_again():
            return True
        try:
            return "is being posted" in read(self._first(self._button(ids.POST_CARD, client_id))) or None
        except (ProcessDied, SwitchyardError):
            return None

    def renames(self, company: str) -> None:
        """Look at the only client, and send the window of Rename until the client is called so."""
        self._until_there(lambda: self._renamed(company))
        self.work()

    def _renamed(self, company: str) -> bool | None:
        """Return True when the window closes, or says that the client is called so; None when it has to be repeated."""
        [client_id] = self.stored().stored_clients
        self.injector.fresh_process()
        try:
            found = self.workflow().show_client(client_id, ADA)
            assert isinstance(found, ClientShown)
            opened = json.dumps({"client": client_id, "state": found.state})
            typed = {"values": {"name": {"name": {"value": company}}}}
            view = {"callback_id": ids.RENAME_CLIENT, "private_metadata": opened, "state": typed}
            answer = naming.name(view, ADA, self.workflow(), SETTINGS)
        except (ProcessDied, SwitchyardError):
            return None
        return True if not answer or "already" in json.dumps(answer) else None

    def revokes(self, named: str, answered: Callable[[str], object]) -> None:
        """Type the command until a question or a counting answer comes, and press Revoke until that is answered.

        Where there are several accounts, all are chosen, as the menu is drawn.
        """
        asked = self._until_there(lambda: self._question(named, answered))
        row = next((block for block in asked.blocks if block["type"] == "actions"), None)
        if row is None:
            return
        button = row["elements"][0]
        assert button["text"]["text"] == "Revoke"
        action = button | {"block_id": row.get("block_id", "")}
        chosen = {
            block["block_id"]: {menu["action_id"]: {"selected_options": menu["initial_options"]}}
            for block in asked.blocks
            if "initial_options" in (menu := block.get("accessory", {}))
        }
        self._until(lambda: self._revoked(action, chosen), "Revoke", answered)

    def _revoked(self, action: dict[str, Any], chosen: dict[str, Any]) -> Message:
        return self._first(listeners.press(replace(self._press(action), chosen=chosen)))

    def _press(self, action: dict[str, Any], actor: Actor = ADA) -> Press:
        return Press(action, actor, self.workflow(), SETTINGS, _fresh())

    def _button(self, action_id: str, value: str) -> Message | None:
        return listeners.press(self._press({"action_id": action_id, "value": value}))

    def _question(self, named: str, answered: Callable[[str], object]) -> Message | None:
        """What the command is answered with; None when somebody would type it again."""
        try:
            answer = self._answered(f"revoke {named}")
        except (ProcessDied, SwitchyardError):
            return None
        asks = any(one in read(answer) for one in (ids.REVOKE_ACCESS, ids.REVOKE_CHOSEN))
        return answer if asks or answered(read(answer)) else None

    def _until(self, act: Callable[[], Message], name: str, answered: Callable[[str], object]) -> str:
        for _ in range(DELIVERIES):
            try:
                answer = read(act())
            except (ProcessDied, SwitchyardError):
                answer = read(answers.try_again())
            if answered(answer):
                self.work()
                return answer
            self.notice(f"who did {name}")
        raise NobodyCouldGoOn(f"{name} was done {DELIVERIES} times in vain")


def _fresh() -> str:
    """The mark of a signed request that has not come before."""
    return secrets.token_hex(32)


def read(message: Message) -> str:
    """Everything in it."""
    return json.dumps(message.arguments(), ensure_ascii=False)
