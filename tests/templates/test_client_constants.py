"""Our own constants are checked before they are rendered into what clients deploy."""

import pytest

from deploy.rendering import CLIENT_TEMPLATE_KEY, BadConstant, ClientConstants, render_client_templates
from tests.templates.documents import properties, read
from tests.templates.rendered import CHILD_KEY, CONSTANTS, PROVIDER


def constants(**changed: str) -> ClientConstants:
    good = {
        "provider_account": PROVIDER,
        "events_url": CONSTANTS.events_url,
        "audience": CONSTANTS.audience,
        "templates_url": CONSTANTS.templates_url,
    }
    return ClientConstants(**{**good, **changed})


def test_local_addresses_may_be_plain_http() -> None:
    events_url = "http://127.0.0.1:4566/_aws/execute-api/abc/$default/events"
    local = constants(events_url=events_url, templates_url="http://localhost:4566/bucket/")
    parent = read(render_client_templates(local)[CLIENT_TEMPLATE_KEY])
    assert properties(parent, "Forwarder")["Environment"]["Variables"]["EVENTS_URL"] == events_url
    assert properties(parent, "ChildStack")["TemplateURL"] == f"http://localhost:4566/bucket/{CHILD_KEY}"


@pytest.mark.parametrize("account", ["", "11111111111", "1111111111111", "11111111111\n", "\u0661" * 12])
def test_provider_account_has_twelve_digits(account: str) -> None:
    with pytest.raises(BadConstant, match="12 digits"):
        constants(provider_account=account)


@pytest.mark.parametrize(
    "audience",
    [
        "",
        "switchyard/prod",
        f"switchyard/Prod/{PROVIDER}",
        "switchyard/prod/222222222222",
        f"switchyard/prod/{PROVIDER}\n",
    ],
)
def test_audience_names_stage_and_this_provider(audience: str) -> None:
    with pytest.raises(BadConstant, match="audience"):
        constants(audience=audience)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "events.example.com/events",
        "http://events.example.com/events",
        "http://127.0.0.1.example.com/events",
        "https://user:secret@example.com/events",
        "https://example.com/events?token=1",
        "https://example.com/events\n",
        'https://example.com/"quote',
        "https://example.com/a b",
        "https:///events",
        "ftp://127.0.0.1/events",
    ],
)
@pytest.mark.parametrize("name", ["events_url", "templates_url"])
def test_addresses_are_plain_and_secure(name: str, url: str) -> None:
    with pytest.raises(BadConstant, match="must be a plain https URL"):
        constants(**{name: url})
