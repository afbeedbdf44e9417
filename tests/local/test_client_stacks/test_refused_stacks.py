"""A refused invitation: the client reads why in CloudFormation's own events, and nothing is left of the attempt."""

import pytest

from bot.aws.sts import StsVerifier
from tests.local.test_aws_gaps.accounts import Account, of_stack
from tests.local.test_client_stacks.publishing import KEYS, Bucket
from tests.local.test_client_stacks.stand_in import REFUSAL, State, switchyard
from tests.local.test_client_stacks.stories import change, parameters, roles_of


@pytest.mark.parametrize("kind", KEYS)
def test_a_refused_stack_says_why_and_goes_away(
    kind: str, accounts: list[Account], bucket: Bucket, verifier: StsVerifier
) -> None:
    client, name = accounts[0], f"{kind}-refused"
    with switchyard(State.REFUSING, verifier) as stand_in:
        # When
        template = bucket.publish(kind, stand_in.url)
        stack = client.deploy(name, template, Parameters=parameters(name))

        # Then the gate failed, with Switchyard's own sentence, before there was a role
        assert client.settle(stack) == "ROLLBACK_COMPLETE"
        events = client.events(stack)
        failed = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
        assert [e["LogicalResourceId"] for e in failed] == ["Gate"]
        assert f"Message returned: {REFUSAL} (RequestId: " in failed[0]["ResourceStatusReason"]
        assert not {"AccessRole", "ChildStack", "News"} & {e["LogicalResourceId"] for e in events}
        assert of_stack(events)[-1] == "ROLLBACK_COMPLETE"
        assert roles_of(client, name) == set()

        # And Switchyard heard an admission check, and no last word about what never was
        assert client.remove(stack) == "DELETE_COMPLETE"
        assert [(told.kind, told.status) for told in stand_in.told_by(stack)] == [("knock", 403)]

        # When the client has a good invitation, Then the same name works
        stand_in.turn(State.UP)
        again = client.deploy(name, template, Parameters=parameters(name))
        assert client.settle(again) == "CREATE_COMPLETE"
        assert client.remove(again) == "DELETE_COMPLETE"


@pytest.mark.parametrize("kind", KEYS)
def test_a_refusal_later_on_holds_up_nothing(
    kind: str, accounts: list[Account], bucket: Bucket, verifier: StsVerifier
) -> None:
    # Given a stack that was let in
    client, name = accounts[1], f"{kind}-unwelcome"
    with switchyard(State.UP, verifier) as stand_in:
        template = bucket.publish(kind, stand_in.url)
        stack = client.deploy(name, template, Parameters=parameters(name))
        assert client.settle(stack) == "CREATE_COMPLETE"

        # When everything is refused from now on
        stand_in.turn(State.REFUSING)

        # Then it can be changed and deleted
        assert change(client, stack, template, name, "Administrator") == "UPDATE_COMPLETE"
        assert client.remove(stack) == "DELETE_COMPLETE"
        assert roles_of(client, name) == set()
