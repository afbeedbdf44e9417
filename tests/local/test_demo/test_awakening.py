"""Before the first person acts, the app is knocked at until it answers as fast as Slack wants it."""

from urllib.parse import parse_qs

from slack_sdk.signature import SignatureVerifier

from local.demo.awakening import wake
from local.slack import AppAnswer, SignedRequest
from local.slack.workspace import facts


class SleepyApp:
    """Answers with these status codes one after the other, and with 200 from then on."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.taken = list(statuses), list[SignedRequest]()

    def __call__(self, request: SignedRequest) -> AppAnswer:
        self.taken.append(request)
        return AppAnswer(self.statuses.pop(0) if self.statuses else 200)


def test_it_knocks_until_the_app_answers() -> None:
    app = SleepyApp(503, 504)
    assert wake(app, seconds=60) == ""
    assert len(app.taken) == 3


def test_the_knock_is_signed_and_changes_nothing() -> None:
    app = SleepyApp()
    wake(app, seconds=60)
    [knock] = app.taken
    assert SignatureVerifier(facts.SIGNING_SECRET).is_valid_request(knock.body, knock.headers)
    assert parse_qs(knock.body.decode())["text"] == ["help"]


def test_it_ends_and_says_what_was_wrong() -> None:
    assert wake(SleepyApp(401), seconds=0) == "it answered with status code 401"

    def unreachable(_request: SignedRequest) -> AppAnswer:
        raise ConnectionRefusedError("nobody listens")

    assert wake(unreachable, seconds=0) == "it could not be reached (nobody listens)"


def test_an_answer_that_takes_longer_than_slack_waits_does_not_count() -> None:
    moments = iter([0.0, 0.0, 3.5, 3.5, 100.0, 101.0])
    assert wake(SleepyApp(), seconds=600, now=lambda: next(moments)) == ""
    assert next(moments, None) is None


def test_and_where_none_is_fast_enough_that_is_said() -> None:
    moments = iter([0.0, 0.0, 3.5, 3.5])
    trouble = wake(SleepyApp(), seconds=1, now=lambda: next(moments))
    assert trouble == "its last answer took 3.5 s, and Slack waits 3 s"
