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
    _several: str = ""
    """The words of the message about several accounts when they were last decided."""

    def look(self) -> None:
        """Say what is new since the last look."""
        self._say_once("waiting", self._of_waiting())
        self._say_once("several", self._of_several())

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

    def _of_waiting(self) -> str:
        """Return what is to be said of the client that waited alone; nothing while nothing is settled."""
        name, shown = self.cast.waiting.name, self._now(self.scene.waiting)
        if "Reopen" in shown.buttons:
            return f"You denied {name}, so nobody gets in. Press Reopen and then Approve to let it in after all."
        if "✅" not in shown.words:
            return ""
        role = self.cast.waiting.role_arn()
        if self._leaving:
            left = role not in self.listed() and self.olli.switch_into(role) is None
            return f"{name} has left: AWS refuses Olli the switch, though he is still in the team." if left else ""
        arn = self.olli.switch_into(role)
        return f"{name} is let in. Olli, of the team, switches in without any IAM command: {arn}" if arn else ""

    def _of_several(self) -> str:
        """Return what is to be said of the accounts that waited together, once all are decided."""
        shown = self._now(self.scene.several)
        if shown.words == self._several or any(mark in shown.words for mark in _UNDECIDED):
            return ""
        self._several = shown.words
        let_in = [each for each in self.cast.several if self.olli.switch_into(each.role_arn())]
        told = len(together.of_wayne(self.teller))
        return (
            f"All {len(self.cast.several)} accounts of {self.cast.several[0].name} are decided. Olli can switch into "
            f"{len(let_in)} of them. The channel has {told} messages of it, thread replies counted."
        )

    def _now(self, request: Seen) -> Seen:
        return self.teller.slack.about(request.request_id)

    def _say_once(self, of_whom: str, words: str) -> None:
        if words and words != self._said.get(of_whom):
            self._said[of_whom] = words
            self._say(words)

    def _say(self, words: str) -> None:
        self.teller.tell.say(f"  {words}")
