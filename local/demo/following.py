"""Says in the terminal what came of what a person did in Slack: who gets in, and who does not any more."""

from collections.abc import Callable
from dataclasses import dataclass, field

from local.demo.actors import Operator, on_pages
from local.demo.cast import Cast
from local.demo.chapters import together
from local.demo.scene import Scene
from local.demo.slack import Seen
from local.demo.teller import Teller

_UNDECIDED = ("🟡", "🔵")


@dataclass
class Following:
    """What was last seen of the clients of the scene; each change is said once."""

    teller: Teller
    scene: Scene
    cast: Cast
    olli: Operator
    listed: Callable[[], list[str]] = on_pages
    """The roles that the teams' pages list."""
    _said: dict[str, str] = field(default_factory=dict)
    _leaving: bool = False
    _words: dict[str, str] = field(default_factory=dict)
    """What the message of each request said when something was last said of it."""

    def look(self) -> None:
        """Say what is new since the last look."""
        for request, news in ((self.scene.waiting, self._of_waiting), (self.scene.several, self._of_several)):
            shown = self._now(request)
            leaving = self._leaving and request is self.scene.waiting
            if leaving or shown.words != self._words.get(request.request_id):
                self._say_once(request, shown, news(shown))

    def enter(self) -> None:
        """Let the client that came in delete its stack."""
        name = self.cast.waiting.name
        if self._leaving:
            self._say(f"{name} has deleted its stack already.")
        elif "✅" not in self._now(self.scene.waiting).words:
            self._say(f"{name} is not let in yet: approve it first, then press Enter.")
        else:
            self._leaving = True
            self.cast.waiting.delete_stack(self.scene.stack_id)
            self._say(f"{name} deletes its stack. Approve the removal in Slack.")

    def _of_waiting(self, shown: Seen) -> str:
        """Return what is to be said of the client that waited alone; nothing while nothing is settled."""
        name, role = self.cast.waiting.name, self.cast.waiting.role_arn()
        if self._leaving:
            left = role not in self.listed() and self.olli.switch_into(role) is None
            return f"{name} has left: AWS refuses Olli the switch, though he is still in the team." if left else ""
        if "Reopen" in shown.buttons:
            return f"You denied {name}, so nobody gets in. Press Reopen and then Approve to let it in after all."
        arn = self.olli.switch_into(role) if "✅" in shown.words else None
        return f"{name} is let in. Olli, of the team, switches in without any IAM command: {arn}" if arn else ""

    def _of_several(self, shown: Seen) -> str:
        """Return what is to be said of the accounts that waited together, once all are decided."""
        if any(mark in shown.words for mark in _UNDECIDED):
            return ""
        let_in = [each for each in self.cast.several if self.olli.switch_into(each.role_arn())]
        told = len(together.of_wayne(self.teller))
        return (
            f"All {len(self.cast.several)} accounts of {self.cast.several[0].name} are decided. Olli can switch into "
            f"{len(let_in)} of them. The channel has {told} messages of it, thread replies counted."
        )

    def _now(self, request: Seen) -> Seen:
        """Return a request's message as it is now; as it was at first where somebody has deleted it."""
        messages = self.teller.slack.messages()
        return next((each for each in messages if each.request_id == request.request_id), request)

    def _say_once(self, request: Seen, shown: Seen, news: str) -> None:
        """Say what is new; what a message says needs no second look once something was said of it."""
        if not news:
            return
        self._words[request.request_id] = shown.words
        if news != self._said.get(request.request_id):
            self._said[request.request_id] = news
            self._say(news)

    def _say(self, words: str) -> None:
        self.teller.tell.say(f"  {words}")
