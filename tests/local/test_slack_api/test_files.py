"""Files and direct messages: as slack_sdk sends them, what is refused, and who may download them."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.slack import ADA, EVE, OLLI, Message, RunningWorkspace, running_workspace
from local.slack.workspace.facts import BOT_USER_ID, SCOPES
from tests.local.test_slack_api.calls import error_of, post

TWO: list[dict[str, Any]] = [
    {"filename": "config", "content": "[profile acme]\n", "title": "AWS CLI"},
    {"filename": "Müller & Söhne.csv", "content": b"a,b\n"},
]


def direct(slack: WebClient, user: str = ADA.id) -> str:
    return str(slack.conversations_open(users=user)["channel"]["id"])


def refusal_of(call: Any, **arguments: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    answer = refused.value.response.data
    assert isinstance(answer, dict)
    return answer


def sent(ws: RunningWorkspace, slack: WebClient) -> Message:
    slack.files_upload_v2(channel=direct(slack), file_uploads=TWO, initial_comment="Your kit")
    [message] = ws.direct_messages(ADA)
    return message


def send(address: str, content: bytes) -> tuple[int, str]:
    try:
        with urlopen(Request(address, data=content, method="POST")) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def download(address: str, user: str | None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    try:
        with urlopen(Request(f"{address}?user={user}" if user else address, headers=headers)) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read(), {}


def test_two_files_arrive_in_one_direct_message(ws: RunningWorkspace, slack: WebClient) -> None:
    message = sent(ws, slack)
    assert (message.author, message.text, message.channel) == (BOT_USER_ID, "Your kit", direct(slack))
    assert [(file.name, file.title, file.content) for file in message.files] == [
        ("config", "AWS CLI", b"[profile acme]\n"),
        ("Müller & Söhne.csv", "Müller & Söhne.csv", b"a,b\n"),
    ]
    assert ws.messages == () == ws.direct_messages(OLLI), "nobody else sees it"


def test_only_who_sees_the_message_can_download_its_files(ws: RunningWorkspace, slack: WebClient) -> None:
    _, file = sent(ws, slack).files
    status, content, headers = download(file.address, ADA.id)
    assert (status, content) == (200, b"a,b\n")
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''M%C3%BCller%20%26%20S%C3%B6hne.csv"
    assert (headers["content-security-policy"], headers["x-content-type-options"]) == ("sandbox", "nosniff")
    for stranger in (OLLI.id, EVE.id, "U0NOBODY", None):
        assert download(file.address, stranger)[0] == 404
    assert download(file.address, ADA.id, Host="evil.example.com")[0] == 403
    assert download(file.address, None, Authorization=f"Bearer {ws.bot_token}")[0] == 404
    ws.delete(ws.direct_messages(ADA)[0])
    assert download(file.address, ADA.id)[0] == 404


def test_files_without_a_conversation_are_seen_by_nobody(ws: RunningWorkspace, slack: WebClient) -> None:
    answer = slack.files_upload_v2(file_uploads=TWO[:1])
    assert answer["files"][0]["name"] == "config"
    assert download(answer["files"][0]["url_private"], ADA.id)[0] == 404
    assert ws.messages == ()


def test_files_go_into_the_channel_and_into_threads_too(ws: RunningWorkspace, slack: WebClient) -> None:
    parent = post(slack, "parent")
    slack.files_upload_v2(channel=ws.channel, thread_ts=parent, file_uploads=TWO[:1])
    [reply] = ws.thread(parent)
    [listed] = slack.conversations_replies(channel=ws.channel, ts=parent)["messages"][1:]
    assert listed["files"][0]["id"] == reply.files[0].id
    assert download(reply.files[0].address, OLLI.id)[1] == b"[profile acme]\n"


@pytest.mark.parametrize(
    ("lacking", "method", "arguments"),
    [
        ("files:write", "files.getUploadURLExternal", {"filename": "a", "length": "1"}),
        ("files:write", "files.completeUploadExternal", {"files": '[{"id": "F1"}]'}),
        ("im:write", "conversations.open", {"users": ADA.id}),
    ],
)
def test_each_method_needs_its_scope(lacking: str, method: str, arguments: dict[str, str]) -> None:
    granted = tuple(scope for scope in SCOPES if scope != lacking)
    with running_workspace(scopes=granted) as ws:
        answer = refusal_of(ws.client().api_call, api_method=method, params=arguments)
    assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", lacking, ",".join(granted))


def test_reading_a_direct_message_needs_a_scope_of_its_own(ws: RunningWorkspace, slack: WebClient) -> None:
    channel = sent(ws, slack).channel
    for method, scope in (("conversations.history", "im:history"), ("conversations.info", "im:read")):
        assert refusal_of(slack.api_call, api_method=method, params={"channel": channel})["needed"] == scope
    with running_workspace(scopes=(*SCOPES, "im:history")) as other:
        sent(other, other.client())
        [message] = other.client().conversations_history(channel=direct(other.client()))["messages"]
        assert [file["name"] for file in message["files"]] == ["config", "Müller & Söhne.csv"]


URL_REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"length": 1}, "invalid_arguments"),
    "an empty name": ({"filename": "", "length": 1}, "invalid_arguments"),
    "no length": ({"filename": "a"}, "invalid_arguments"),
    "a length that is none": ({"filename": "a", "length": "-1"}, "invalid_arguments"),
    "nothing to send": ({"filename": "a", "length": 0}, "missing_argument"),
    "a long description": ({"filename": "a", "length": 1, "alt_txt": "x" * 1001}, "alt_txt_too_large"),
}


@pytest.mark.parametrize("name", URL_REFUSALS)
def test_an_upload_that_makes_no_sense_gets_no_address(slack: WebClient, name: str) -> None:
    arguments, error = URL_REFUSALS[name]
    assert error_of(slack.api_call, api_method="files.getUploadURLExternal", params=arguments) == error


def test_the_data_must_be_there_and_as_long_as_was_said(ws: RunningWorkspace, slack: WebClient) -> None:
    ticket = slack.files_getUploadURLExternal(filename="a", length=3)
    files = [{"id": ticket["file_id"], "title": "A"}]
    assert error_of(slack.files_completeUploadExternal, files=files) == "file_not_found"
    for content in (b"", b"ab", b"abcd"):
        assert send(ticket["upload_url"], content)[0] == 400
    assert error_of(slack.files_completeUploadExternal, files=files) == "file_not_found"
    assert send(ticket["upload_url"] + "x", b"abc")[0] == 404
    assert send(ticket["upload_url"], b"abc") == (200, "OK - 3")
    assert slack.files_completeUploadExternal(files=files)["files"][0]["title"] == "A"
    assert send(ticket["upload_url"], b"xyz")[0] == 404, "what is complete is not replaced"
    assert error_of(slack.files_completeUploadExternal, files=files, channel_id=ws.channel) == "file_not_found"
    assert ws.messages == ()


COMPLETION_REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "no files": ({}, "invalid_arguments"),
    "an empty list": ({"files": "[]"}, "invalid_arguments"),
    "no list": ({"files": '{"id": "F1"}'}, "invalid_arguments"),
    "no JSON": ({"files": "F1"}, "invalid_arguments"),
    "no id": ({"files": '[{"title": "a"}]'}, "invalid_arguments"),
    "an unknown field": ({"files": '[{"id": "F1", "name": "a"}]'}, "invalid_arguments"),
    "an unknown file": ({"files": '[{"id": "F1"}]'}, "file_not_found"),
    "a person's id": ({"channel_id": ADA.id}, "invalid_arguments"),
    "an unknown channel": ({"channel_id": "C0NOWHERE"}, "channel_not_found"),
    "a direct message that is not open": ({"channel_id": "D0APPU0ADA"}, "channel_not_found"),
    "a channel without the app": ({"channel_id": "C0RANDOM"}, "not_in_channel"),
    "a thread that can't be": ({"channel_id": "C0ONBOARDING", "thread_ts": "x"}, "invalid_thread_ts"),
}


@pytest.mark.parametrize("name", COMPLETION_REFUSALS)
def test_what_can_not_be_completed_can_be_afterwards(ws: RunningWorkspace, slack: WebClient, name: str) -> None:
    arguments, error = COMPLETION_REFUSALS[name]
    ticket = slack.files_getUploadURLExternal(filename="a", length=1)
    send(ticket["upload_url"], b"a")
    good = json.dumps([{"id": ticket["file_id"]}])
    given = arguments if "files" in arguments or not arguments else {"files": good, **arguments}
    assert error_of(slack.api_call, api_method="files.completeUploadExternal", params=given) == error
    assert ws.messages == ()
    assert slack.api_call("files.completeUploadExternal", params={"files": good, "channel_id": ws.channel})["ok"]
    assert len(ws.messages) == 1


@pytest.mark.parametrize(
    "name", ["~/.aws/config", "a\r\nSet-Cookie: b", '"; filename=x', ".", "..", "a?user=U0OLLI#b", "名"]
)
def test_any_name_is_saved_under_it(ws: RunningWorkspace, slack: WebClient, name: str) -> None:
    slack.files_upload_v2(channel=direct(slack), filename=name, content="x")
    [file] = ws.direct_messages(ADA)[0].files
    _, content, headers = download(file.address, ADA.id)
    assert (content, headers["content-disposition"]) == (b"x", f"attachment; filename*=UTF-8''{quote(name, safe='')}")
    assert "set-cookie" not in headers


def test_an_upload_that_is_refused_is_not_taken_for_one_that_worked(ws: RunningWorkspace, slack: WebClient) -> None:
    ws.faults.refuse("upload", "fatal_error")
    with pytest.raises(HTTPError):
        slack.files_upload_v2(channel=ws.channel, file_uploads=TWO[:1])
    assert ws.messages == ()


def test_a_lost_answer_to_an_upload_may_be_followed_by_another_try(ws: RunningWorkspace, slack: WebClient) -> None:
    ws.faults.fail("upload")
    with pytest.raises(HTTPError):
        slack.files_upload_v2(channel=ws.channel, file_uploads=TWO[:1])
    assert ws.messages == ()
    slack.files_upload_v2(channel=ws.channel, file_uploads=TWO[:1])
    assert len(ws.messages) == 1


def test_a_direct_message_is_opened_once(slack: WebClient) -> None:
    first, again = slack.conversations_open(users=ADA.id), slack.conversations_open(users=ADA.id, return_im=True)
    assert first["channel"] == {"id": "D0APPU0ADA"}
    assert "already_open" not in first
    assert (again["already_open"], again["channel"]["user"], again["channel"]["is_im"]) == (True, ADA.id, True)
    assert slack.conversations_open(channel="D0APPU0ADA")["channel"]["id"] == "D0APPU0ADA"
    assert slack.chat_postMessage(channel="D0APPU0ADA", text="psst")["ok"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "users_list_not_supplied"),
        ({"users": "U0NOBODY"}, "user_not_found"),
        ({"users": BOT_USER_ID}, "user_not_found"),
        ({"users": OLLI.id}, "user_disabled"),
        ({"users": f"{ADA.id},{EVE.id}"}, "invalid_arguments"),
        ({"users": ",".join([ADA.id] * 9)}, "too_many_users"),
        ({"channel": "D0APPU0ADA"}, "channel_not_found"),
        ({"channel": "C0ONBOARDING"}, "method_not_supported_for_channel_type"),
    ],
)
def test_a_direct_message_with_nobody_in_it_is_refused(
    ws: RunningWorkspace, slack: WebClient, arguments: dict[str, str], error: str
) -> None:
    ws.retire(OLLI.id)
    assert error_of(slack.api_call, api_method="conversations.open", params=arguments) == error
    assert error_of(slack.chat_postMessage, channel="D0APPU0ADA", text="psst") == "channel_not_found"
