"""The local Slack against a real Bolt app: what it sends must pass Bolt's own checks and reach the listeners."""

from collections.abc import Callable

from slack_bolt import Ack, App, BoltRequest, Respond
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from local.slack import ADA, AppAnswer, RunningWorkspace, SignedRequest, running_workspace

APPROVE = {"type": "button", "text": {"type": "plain_text", "text": "Approve"}, "action_id": "approve", "value": "r1"}


def bolt_app(ws: RunningWorkspace, signing_secret: str) -> App:
    me = AuthorizeResult(enterprise_id=None, team_id="T0SWITCHYARD", bot_token=ws.bot_token, bot_id="B0SWITCHYARD")
    app = App(
        signing_secret=signing_secret,
        client=WebClient(ws.bot_token, base_url=ws.api_url),
        authorize=lambda: me,
        process_before_response=True,
    )

    @app.command("/clients")
    def clients(ack: Ack, command: dict[str, str], client: WebClient) -> None:
        client.chat_postMessage(
            channel=command["channel_id"], text="Acme?", blocks=[{"type": "actions", "elements": [APPROVE]}]
        )
        ack(f"You typed {command['text']}")

    @app.action("approve")
    def approve(ack: Ack, body: dict[str, dict[str, str]], client: WebClient, respond: Respond) -> None:
        ack()
        respond("Only you see this", response_type="ephemeral", replace_original=False)
        client.chat_update(channel=body["channel"]["id"], ts=body["container"]["message_ts"], text="Approved")

    return app


def over_the_bytes(app: App) -> Callable[[SignedRequest], AppAnswer]:
    def answer(request: SignedRequest) -> AppAnswer:
        response = app.dispatch(BoltRequest(body=request.body.decode(), headers=dict(request.headers)))
        headers = {name: values[0] for name, values in response.headers.items()}
        return AppAnswer(response.status, response.body.encode(), headers)

    return answer


def test_a_bolt_app_takes_commands_and_presses() -> None:
    with running_workspace() as ws:
        ws.connect(over_the_bytes(bolt_app(ws, ws.signing_secret)))
        assert ws.run_command(ADA, "/clients invite Acme").ok
        assert ws.press(ADA, ws.messages[0], "Approve").ok
        assert [each.text for each in ws.ephemerals(ADA)] == ["You typed invite Acme", "Only you see this"]
        assert [(each.text, each.buttons) for each in ws.messages] == [("Approved", ())]


def test_a_bolt_app_with_another_signing_secret_refuses() -> None:
    with running_workspace() as ws:
        ws.connect(over_the_bytes(bolt_app(ws, "another secret")))
        assert ws.run_command(ADA, "/clients").error == "dispatch_failed"
        assert not ws.messages
