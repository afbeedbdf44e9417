"""What goes on while the newer version is deployed: a press, events of clients, and operators at work."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from local.demo.actors import Company, Operator
from local.demo.teller import Teller
from local.slack.workspace import facts
from local.upgrade.cast import ASKS_MEANWHILE, ONBOARDED, PRESSED_MEANWHILE, Kept
from local.upgrade.site import Site

_LOOK_EVERY = 0.02
_SWITCH_EVERY = 0.3


@dataclass
class Meanwhile:
    """Acts while a deployment runs, as soon as CloudFormation changes Switchyard's stack."""

    site: Site
    teller: Teller
    kept: Kept
    acted: list[str] = field(default_factory=list)
    """What was begun while the stack was being updated."""

    def act(self, deploying: "subprocess.Popen[bytes]") -> None:
        """Press a button of an old message, let an old client change and a new one ask."""
        while not self.site.is_updating():
            if deploying.poll() is not None:
                return
            time.sleep(_LOOK_EVERY)
        self._do("a new client creates its stack", self._asks)
        self._do("an onboarded client updates its stack", self._changes)
        self._do("Ada presses Approve on an old message", self._presses)

    def _do(self, what: str, act: Callable[[], None]) -> None:
        if self.site.is_updating():
            self.acted.append(what)
        act()

    def _asks(self) -> None:
        link = self.kept.links.pop(ASKS_MEANWHILE.name)
        self.kept.stacks[ASKS_MEANWHILE.name] = ASKS_MEANWHILE.create_stack(link, RequireMfa="false")

    def _changes(self) -> None:
        ONBOARDED.update_stack(self.kept.stacks[ONBOARDED.name], MaxSessionSeconds="7200")

    def _presses(self) -> None:
        self.teller.press(facts.ADA, self.kept.requests[PRESSED_MEANWHILE.name], "Approve")


class StayingIn:
    """Operators who switch into clients again and again, until the block ends; `refused` is when AWS said no."""

    def __init__(self, into: Iterable[tuple[Operator, Company]]) -> None:
        self._into = [(operator, company.role_arn()) for operator, company in into]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._switch, daemon=True)
        self.times = 0
        self.refused: list[str] = []

    def __enter__(self) -> "StayingIn":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _switch(self) -> None:
        while not self._over.wait(_SWITCH_EVERY):
            for operator, role in self._into:
                self.times += 1
                if operator.switch_into(role) is None:
                    self.refused.append(f"{operator.name} into {role}")
