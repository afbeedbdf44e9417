"""The one error of the local Web API: what Slack would answer instead of `{"ok": true}`."""

from typing import Any


class SlackRefusal(Exception):
    """An `{"ok": false}` answer; `error` is Slack's name for it, `details` go beside it."""

    def __init__(self, error: str, **details: object) -> None:
        super().__init__(error)
        self.error = error
        self.details: dict[str, Any] = details

    def as_answer(self) -> dict[str, Any]:
        """The body Slack sends."""
        return {"ok": False, "error": self.error, **self.details}


def invalid_arguments(problems: list[str]) -> SlackRefusal:
    """Slack's refusal of anything else that is wrong, such as a view."""
    return SlackRefusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] {each}" for each in problems]})


def invalid_blocks(problems: list[str]) -> SlackRefusal:
    """Slack's refusal of blocks, which names each problem twice."""
    messages = [f"[ERROR] {problem}" for problem in problems]
    return SlackRefusal("invalid_blocks", errors=problems, response_metadata={"messages": messages})
