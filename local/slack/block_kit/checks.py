"""Building blocks for checking Block Kit JSON, and the sentences Slack uses for what it refuses.

A `Check` looks at one value, at its JSON pointer, and adds what is wrong to a list of problems. Slack reports
problems as `must be less than 3001 characters [json-pointer:/blocks/0/text/text]`.
"""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from local.slack.workspace.message import Json

Problems = list[str]
Check = Callable[[object, str, Problems], None]
Rule = Callable[[Json, str, Problems], None]

PLAIN = ("plain_text",)
ANY_TEXT = ("plain_text", "mrkdwn")


def report(problems: Problems, sentence: str, pointer: str) -> None:
    """Add a problem in Slack's form."""
    problems.append(f"{sentence} [json-pointer:{pointer}]")


def string(most: int, least: int = 1) -> Check:
    """A string of `least` to `most` characters."""

    def check(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, str):
            report(problems, "must provide a string", pointer)
        elif len(value) < least:
            report(problems, f"must be more than {least - 1} characters", pointer)
        elif len(value) > most:
            report(problems, f"must be less than {most + 1} characters", pointer)

    return check


def url(most: int) -> Check:
    """An absolute address of at most `most` characters."""
    length = string(most)

    def check(value: object, pointer: str, problems: Problems) -> None:
        length(value, pointer, problems)
        if isinstance(value, str) and not _is_address(value):
            report(problems, "must be a valid URL", pointer)

    return check


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme == "mailto" or (parts.scheme in {"http", "https"} and bool(parts.netloc) and " " not in value)


def boolean(value: object, pointer: str, problems: Problems) -> None:
    """True or false, no 0, 1 or "true"."""
    if not isinstance(value, bool):
        report(problems, "must provide a boolean", pointer)


def integer(least: int, most: int) -> Check:
    """A whole number from `least` to `most`."""

    def check(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report(problems, "must provide an integer", pointer)
        elif not least <= value <= most:
            report(problems, f"must be from {least} to {most}", pointer)

    return check


def one_of(*allowed: str) -> Check:
    """Exactly one of the given words."""

    def check(value: object, pointer: str, problems: Problems) -> None:
        if value not in allowed:
            report(problems, f"must be a valid enum value ({', '.join(allowed)})", pointer)

    return check


def text(most: int, kinds: Sequence[str] = ANY_TEXT) -> Check:
    """A text object (Block Kit reference, "Text object") of 1 to `most` characters."""

    def check(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            report(problems, "must provide an object", pointer)
            return
        if value.get("type") not in kinds:
            report(problems, f"must be a valid enum value ({', '.join(kinds)})", f"{pointer}/type")
            return
        switch = "emoji" if value["type"] == "plain_text" else "verbatim"
        fields: dict[str, Check] = {"type": one_of(*kinds), "text": string(most)}
        shape(fields, {switch: boolean})(value, pointer, problems)

    return check


def array(item: Check, most: int) -> Check:
    """A list of 1 to `most` items."""

    def check(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, list):
            report(problems, "must provide an array", pointer)
            return
        if not value:
            report(problems, "no fewer than 1 items allowed", pointer)
        if len(value) > most:
            report(problems, f"no more than {most} items allowed", pointer)
        for index, each in enumerate(value):
            item(each, f"{pointer}/{index}", problems)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check], rules: Sequence[Rule] = ()) -> Check:
    """An object with these fields and no others; `rules` look at the object as a whole."""
    known = {**required, **optional}

    def check(value: object, pointer: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            report(problems, "must provide an object", pointer)
            return
        for name in required.keys() - value.keys():
            report(problems, f"missing required field: {name}", pointer)
        for name, each in value.items():
            if name == "type" and "type" not in known:
                continue
            if name not in known:
                report(problems, f"invalid additional property: {name}", pointer)
            else:
                known[name](each, f"{pointer}/{name}", problems)
        for rule in rules:
            rule(value, pointer, problems)

    return check


def by_type(kinds: Mapping[str, Check], not_drawn_here: frozenset[str] = frozenset()) -> Check:
    """An object whose `type` decides what else it must look like.

    `not_drawn_here`: types that Slack knows and the local workspace does not; the refusal says so.
    """

    def check(value: object, pointer: str, problems: Problems) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind in kinds:
            kinds[kind](value, pointer, problems)
        elif isinstance(kind, str) and kind in not_drawn_here:
            report(problems, f"the local Slack does not draw {kind} here, although Slack does", f"{pointer}/type")
        else:
            report(problems, f"unsupported type: {kind}", f"{pointer}/type")

    return check
