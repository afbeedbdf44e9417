"""The environment and the Lambda context of a forwarder in account 222222222222."""

from types import SimpleNamespace

from tests.templates.test_forwarder_proof import SETTINGS

PARENT_STACK = "arn:aws:cloudformation:eu-central-1:222222222222:stack/switchyard-access/1a2b"
CHILD_STACK = "arn:aws:cloudformation:eu-central-1:222222222222:stack/switchyard-access-ChildStack-1ABC/3c4d"
FUNCTION_ARN = "arn:aws:lambda:eu-central-1:222222222222:function:switchyard-access-Forwarder-XYZ"
CONTEXT = SimpleNamespace(invoked_function_arn=FUNCTION_ARN, get_remaining_time_in_millis=lambda: 0)
"""Of an invocation that has no time to try again."""


def environment(events_url: str) -> dict[str, str]:
    return {
        **SETTINGS,
        "EVENTS_URL": events_url,
        "COMPANY": "Müller & Söhne",
        "INVITATION": "invitation-token",
        "ROLE_NAME": "switchyard-access",
        "ACCESS_LEVEL": "ReadOnly",
        "REQUIRE_MFA": "true",
        "MAX_SESSION_SECONDS": "3600",
        "PARENT_STACK_ID": PARENT_STACK,
    }
