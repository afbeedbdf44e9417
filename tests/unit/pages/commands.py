"""The commands that pages tell people to run: found in their text, and judged without running them."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from bot.domain.variables import GIVEN

PROJECT = Path(__file__).parents[3]
PROGRAMS = ("aws", "make", "python", "git", "cp", "export", "cd", ".ci/run")
_SHELLS = ("sh", "bash", "console", "shell")
_FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4}(\S.*)$", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_SETS = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)", re.DOTALL)
_OF_STAGE = re.compile(r"switchyard-(?:<stage>|prod)-([\w-]+)")
_EVERY_AWS_COMMAND = {"--region", "--profile", "--output", "--query", "--no-cli-pager", "--debug"}
_OF_THE_CLI_ALONE = {
    ("cloudformation", "deploy"): {"--stack-name", "--template-file", "--capabilities", "--parameter-overrides"},
    ("s3", "cp"): {"--recursive"},
    ("s3", "rm"): {"--recursive"},
    ("s3", "rb"): {"--force"},
    ("s3", "ls"): {"--recursive"},
    ("logs", "tail"): {"--since", "--follow", "--filter-pattern", "--format"},
    ("configure", "sso"): set[str](),
    ("sso", "login"): set[str](),
}
"""Commands that AWS's CLI adds to those of its API, with the options that pages use. AWS CLI Command Reference."""
_RENAMED = {("sns", "subscribe", "--endpoint"): "--notification-endpoint"}
"""Options that have another name in AWS's CLI than in its API."""
_OF_OTHERS = ("pytest",)
"""Modules that are not ours; their options are not looked at."""
_ANYWHERE = ("cd", "curl", "sed")
YOURS = ("stages/prod.env", "stages/test.env")
"""What whoever deploys writes."""


@dataclass(frozen=True)
class Command:
    """One command, and where it stands. `whole`: it is in a block, to be copied, not named within a sentence."""

    words: tuple[str, ...]
    whole: bool

    def __str__(self) -> str:
        return " ".join(self.words)


def commands_of(text: str) -> list[Command]:
    """Return what a page's blocks of commands say, and the commands that its sentences name."""
    blocks = [body for _, language, body in _FENCE.findall(text) if language in _SHELLS]
    prose = _FENCE.sub("", text)
    blocks += [line for line in _INDENTED.findall(prose) if line.split()[0] in PROGRAMS]
    whole = [Command(words, True) for block in blocks for words in _split(block)]
    spans = [span for span in _SPAN.findall(prose) if _program(tuple(span.split())) in PROGRAMS]
    return whole + [Command(words, False) for span in spans for words in _split(span)]


def _split(block: str) -> Iterator[tuple[str, ...]]:
    for line in re.sub(r"(\\|&&)\n\s*", r"\1 ", block).replace("\\ ", " ").splitlines():
        words = shlex.split(line.strip().removeprefix("$ "), comments=True)
        while words:
            end = next((at for at, word in enumerate(words) if word in ("&&", "|", ";")), len(words))
            if words[:end]:
                yield tuple(words[:end])
            words = words[end + 1 :]


def _program(words: tuple[str, ...]) -> str:
    rest = [word for word in words if not _SETS.fullmatch(word)]
    return rest[0] if rest else ""


def wrong_with(command: Command) -> list[str]:
    """Return what would not work as it is told; nothing when all of it is known."""
    given = [_SETS.fullmatch(word) for word in command.words]
    count = next((at for at, one in enumerate(given) if one is None), len(given))
    wrong = [f"nobody reads {one[1]}" for one in given[:count] if one and not _is_read(one[1])]
    program, arguments = command.words[count], list(command.words[count + 1 :])
    if any(word in ("<", ">") for word in arguments):
        arguments = arguments[: next(at for at, word in enumerate(arguments) if word in ("<", ">"))]
    wrong += [f"serverless.yml makes no switchyard-<stage>-{name}" for name in _unknown_names(" ".join(arguments))]
    match program:
        case "make":
            return wrong + _wrong_with_make(arguments)
        case "aws":
            return wrong + _wrong_with_aws(arguments, command.whole)
        case "python" | ".venv/bin/python":
            return wrong + _wrong_with_python(arguments)
        case "git":
            return wrong + _wrong_with_git(arguments)
        case "cp":
            return wrong + [f"there is no {one}" for one in arguments[:-1] if not _is_there(one)]
        case "export":
            names = [word.partition("=")[0] for word in arguments]
            return wrong + [f"nobody reads {name}" for name in names if not _is_read(name)]
        case _ if program in _ANYWHERE or (PROJECT / program).exists():
            return wrong
        case _:
            return [*wrong, f"the test does not know {program}"]


def _is_there(path: str) -> bool:
    return path in YOURS or (PROJECT / path).exists()


@cache
def _is_read(name: str) -> bool:
    """Whether a setting, the Makefile, our own programs or AWS's tools read this variable of the environment."""
    if name in {one.name for one in GIVEN} | {"AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE"}:
        return True
    ours = [
        PROJECT / "Makefile",
        *PROJECT.glob("deploy/*.py"),
        *PROJECT.glob("local/**/*.py"),
        *PROJECT.glob("tests/*.py"),
    ]
    return any(re.search(rf"\b{name}\b", path.read_text()) for path in ours)


# make


@cache
def _recipes() -> dict[str, str]:
    """Return each target of the Makefile with its recipe."""
    text = re.sub(r"\\\n\s*", " ", (PROJECT / "Makefile").read_text())
    return dict(re.findall(r"^([a-z-]+):.*\n((?:\t.*\n|\n)*)", text, re.MULTILINE))


def _wrong_with_make(arguments: list[str]) -> list[str]:
    targets = [word for word in arguments if not _SETS.fullmatch(word)]
    given = [word.partition("=")[0] for word in arguments if _SETS.fullmatch(word)]
    wrong = [f"make has no target {one}" for one in targets if one not in _recipes()]
    makefile = (PROJECT / "Makefile").read_text()
    recipes = "".join(_recipes().get(one, "") for one in targets) + "$(PYTHON)"
    if "$(LOCK)" in recipes:
        recipes += re.search(r"^LOCK = .*", makefile, re.MULTILINE)[0]  # type: ignore[index]
    read = set(re.findall(r"[($,]\(?([A-Z]+)\b", recipes))
    return wrong + [f"make {' '.join(targets)} does not read {name}" for name in given if name not in read]


# aws


def _wrong_with_aws(arguments: list[str], whole: bool) -> list[str]:
    service, operation, *rest = [*arguments, "", ""][: max(2, len(arguments))]
    options = {word.partition("=")[0] for word in rest if word.startswith("--")} - _EVERY_AWS_COMMAND
    if (service, operation) in _OF_THE_CLI_ALONE:
        return [f"aws {service} {operation} has no {one}" for one in options - _OF_THE_CLI_ALONE[service, operation]]
    model = _model(service)
    if model is None:
        return [f"AWS has no service {service}"]
    if operation == "wait":
        return [] if rest and rest[0] in _waiters(service) else [f"{service} has no waiter {rest[:1]}"]
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        return [f"{service} has no {operation}"]
    shape = model.operation_model(names[operation]).input_shape
    members = {_option(service, operation, name): one for name, one in (shape.members if shape else {}).items()}
    known = members.keys() | {f"--no-{name[2:]}" for name, one in members.items() if one.type_name == "boolean"}
    wrong = [f"{operation} has no {one}" for one in sorted(options - known)]
    needed = {_option(service, operation, name) for name in (shape.required_members if shape else [])}
    wrong += [f"{operation} needs {one}" for one in sorted(needed - options) if whole]
    return wrong + _wrong_values(rest, members)


def _option(service: str, operation: str, member: str) -> str:
    named = f"--{xform_name(member, '-')}"
    return _RENAMED.get((service, operation, named), named)


def _wrong_values(words: list[str], members: dict[str, Any]) -> list[str]:
    """Return the values that AWS doesn't know, where it lists those that it does."""
    wrong = []
    for option, value in pairwise(words):
        shape = members.get(option)
        shape = shape.member if shape is not None and shape.type_name == "list" else shape
        allowed = getattr(shape, "enum", None)
        if allowed and value not in allowed:
            wrong.append(f"{option} can't be {value}")
    return wrong


@cache
def _session() -> Any:
    return botocore.session.get_session()


@cache
def _model(service: str) -> Any:
    try:
        return _session().get_service_model(service)
    except UnknownServiceError:
        return None


@cache
def _waiters(service: str) -> set[str]:
    names = _session().get_waiter_model(service).waiter_names
    return {xform_name(name, "-") for name in names}


@cache
def _names_of_stage() -> str:
    """Return all text that names resources of a stage."""
    files = [PROJECT / "serverless.yml", *PROJECT.glob("deploy/cloudformation/*.yml"), PROJECT / "bot" / "settings.py"]
    return "\n".join(path.read_text() for path in files)


def _unknown_names(told: str) -> list[str]:
    """Return the names of a stage's resources that nothing makes. Only the part before the first dash counts."""
    named = {name.partition("-")[0] for name in _OF_STAGE.findall(told)}
    functions = set(re.findall(r"^  (\w+):\n    handler:", _names_of_stage(), re.MULTILINE))
    made = set(re.findall(r"switchyard-\$\{sls:stage\}-(\w+)", _names_of_stage())) | functions
    of_clients = {"client", "c", "page", "team", "serverlessdeploymentbucket"}
    return sorted(named - made - of_clients)


# python and git


def _wrong_with_python(arguments: list[str]) -> list[str]:
    if arguments[:1] != ["-m"] or len(arguments) < 2:
        return ["only 'python -m' is known"]
    if arguments[1] in _OF_OTHERS:
        return []
    module = PROJECT / arguments[1].replace(".", "/")
    source = next((one for one in (module / "__main__.py", module.with_suffix(".py")) if one.exists()), None)
    if source is None:
        return [f"there is no module {arguments[1]}"]
    text = "".join(path.read_text() for path in source.parent.glob("*.py"))
    options = [word.partition("=")[0] for word in arguments[2:] if word.startswith("--")]
    return [f"{arguments[1]} does not know {one}" for one in options if f'"{one}"' not in text]


@cache
def _git_commands() -> set[str]:
    listed = subprocess.run(["git", "--list-cmds=main"], capture_output=True, text=True, check=True)
    return set(listed.stdout.split())


def _wrong_with_git(arguments: list[str]) -> list[str]:
    return [] if arguments[0] in _git_commands() else [f"git has no {arguments[0]}"]
