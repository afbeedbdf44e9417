"""`make secrets` takes both secrets unseen, stores them encrypted, and shows and replaces nothing by itself."""

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from deploy.deployment import SECRETS
from deploy.errors import NotReady
from deploy.preflight import check_secrets
from deploy.slack_secrets import give, main
from tests.unit.deploy.account import HERE, account, put_secrets

__all__ = ["account"]

TOKEN = "xoxb-1234567890-abcDEF"
SIGNING = "0123456789abcdef0123456789abcdef"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def unseen(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Everything that was printed, and a check at the end that no secret is in it, nor in any log."""
    caplog.set_level(logging.DEBUG)
    printed: list[str] = []

    def shown() -> str:
        printed.extend(capfd.readouterr())
        return "".join(printed)

    yield shown
    ours = [record.getMessage() for record in caplog.records if record.name.split(".")[0] == "deploy"]
    for secret in (TOKEN, SIGNING, TOKEN[5:], "xoxb-9"):
        assert secret not in shown() + "".join(ours)


def typed(*values: str) -> Callable[[str], str]:
    waiting = iter(values)
    return lambda _prompt: next(waiting)


def stored(session: boto3.Session) -> list[tuple[str, str]]:
    ssm = session.client("ssm")
    found = [ssm.get_parameter(Name=HERE.secret_name(one), WithDecryption=True)["Parameter"] for one in SECRETS]
    return [(one["Type"], one["Value"]) for one in found]


def names(session: boto3.Session) -> list[str]:
    return [one["Name"] for one in session.client("ssm").describe_parameters()["Parameters"]]


BOTH = [("SecureString", TOKEN), ("SecureString", SIGNING)]


def test_at_a_terminal_both_are_asked_for_and_stored_encrypted(
    account: boto3.Session, unseen: Callable[[], str]
) -> None:
    prompts: list[str] = []
    answers = iter([TOKEN, f" {SIGNING} "])

    def hidden(prompt: str) -> str:
        prompts.append(prompt)
        return next(answers)

    give(HERE, account.client("ssm"), Terminal(), ask_hidden=hidden)

    assert stored(account) == BOTH
    assert check_secrets(account.client("ssm"), HERE) == "1-1"
    assert [prompt.split(" (")[0] for prompt in prompts] == ["Bot User OAuth Token", "Signing Secret"]
    assert "make deploy STAGE=demo" in unseen()


def test_two_lines_of_standard_input_will_do(account: boto3.Session, unseen: Callable[[], str]) -> None:
    assert main(["--stage", "demo"], stdin=io.StringIO(f"{TOKEN}\r\n\n {SIGNING}")) == 0

    assert stored(account) == BOTH
    assert "Stored /switchyard/demo/slack-bot-token" in unseen()


@pytest.mark.safety("Secrets are checked both before one is stored", "deploy/slack_secrets.py")
@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ([SIGNING, TOKEN], "Bot User OAuth Token"),
        (["xoxp-1234567890", SIGNING], "Bot User OAuth Token"),
        ([TOKEN + " x", SIGNING], "Bot User OAuth Token"),
        ([TOKEN + "…", SIGNING], "Bot User OAuth Token"),
        ([TOKEN, SIGNING.upper()], "Signing Secret"),
        ([TOKEN, SIGNING[1:]], "Signing Secret"),
        ([TOKEN, SIGNING + "0"], "Signing Secret"),
        ([TOKEN], "has 1 lines"),
        ([], "has 0 lines"),
        ([TOKEN, SIGNING, SIGNING], "has 3 lines"),
    ],
)
def test_what_has_another_form_is_refused_and_neither_is_stored(
    account: boto3.Session, unseen: Callable[[], str], lines: list[str], named: str
) -> None:
    assert main(["--stage", "demo", "--overwrite"], stdin=io.StringIO("\n".join(lines))) == 1

    assert named in unseen()
    assert names(account) == []


@pytest.mark.safety("Secrets that are there are replaced only after a word", "deploy/slack_secrets.py")
@pytest.mark.parametrize("answer", ["", "n", "no", "yep"])
def test_what_is_there_is_replaced_only_when_said_so(
    account: boto3.Session, unseen: Callable[[], str], answer: str
) -> None:
    put_secrets(account)
    before = stored(account)
    ssm = account.client("ssm")

    with pytest.raises(NotReady, match="Nothing was replaced"):
        give(HERE, ssm, Terminal(), ask_hidden=typed(TOKEN, SIGNING), ask=typed(answer))
    assert stored(account) == before

    give(HERE, ssm, Terminal(), ask_hidden=typed(TOKEN, SIGNING), ask=typed("y"))
    assert stored(account) == BOTH


def test_without_a_terminal_replacing_takes_the_flag(account: boto3.Session, unseen: Callable[[], str]) -> None:
    put_secrets(account)
    before = stored(account)
    lines = f"{TOKEN}\n{SIGNING}\n"

    assert main(["--stage", "demo"], stdin=io.StringIO(lines)) == 1
    assert "OVERWRITE=true" in unseen()
    assert stored(account) == before

    assert main(["--stage", "demo", "--overwrite"], stdin=io.StringIO(lines)) == 0
    assert stored(account) == BOTH


def test_enter_keeps_the_one_that_is_there(account: boto3.Session, unseen: Callable[[], str]) -> None:
    put_secrets(account)
    [_, signing_before] = stored(account)

    give(HERE, account.client("ssm"), Terminal(), ask_hidden=typed(TOKEN, ""), ask=typed("yes"))

    assert stored(account) == [("SecureString", TOKEN), signing_before]


def test_enter_is_no_secret_where_none_is_there(account: boto3.Session, unseen: Callable[[], str]) -> None:
    with pytest.raises(NotReady, match="Signing Secret is empty"):
        give(HERE, account.client("ssm"), Terminal(), ask_hidden=typed(TOKEN, ""))
    assert names(account) == []


def test_a_secret_in_plain_text_is_not_written_over(account: boto3.Session, unseen: Callable[[], str]) -> None:
    ssm = account.client("ssm")
    ssm.put_parameter(Name=HERE.secret_name("slack-bot-token"), Type="String", Value="xoxb-9")

    assert main(["--stage", "demo", "--overwrite"], stdin=io.StringIO(f"{TOKEN}\n{SIGNING}")) == 1

    assert "aws ssm delete-parameter --name /switchyard/demo/slack-bot-token" in unseen()
    assert names(account) == [HERE.secret_name("slack-bot-token")]


def test_a_terminal_that_shows_what_is_typed_is_not_used(account: boto3.Session) -> None:
    import getpass
    import warnings

    def shows(_prompt: str) -> str:
        warnings.warn("it would be seen", getpass.GetPassWarning, stacklevel=2)
        return TOKEN

    with pytest.raises(NotReady, match="can't hide"):
        give(HERE, account.client("ssm"), Terminal(), ask_hidden=shows)


@pytest.mark.safety("An error of AWS does not print a secret", "deploy/slack_secrets.py")
def test_a_refusal_of_aws_does_not_quote_what_was_sent(
    account: boto3.Session, unseen: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ssm = account.client("ssm")
    with Stubber(ssm) as stubber:
        for _ in SECRETS:
            stubber.add_client_error("get_parameter", "ParameterNotFound")
        stubber.add_client_error("put_parameter", "ValidationException", f"Value {TOKEN} at 'value' is wrong")
        answers: dict[str, Any] = {"ssm": ssm}
        real = boto3.Session.client
        monkeypatch.setattr(
            boto3.Session, "client", lambda self, name, **more: answers.get(name) or real(self, name, **more)
        )
        assert main(["--stage", "demo"], stdin=io.StringIO(f"{TOKEN}\n{SIGNING}")) == 1

    assert "PutParameter answered ValidationException" in unseen()
