"""Who a CloudFormation operation acts as, and whether that principal may do a thing.

CloudFormation calls other services with the caller's permissions, or with those of the stack's service role (AWS
CloudFormation User Guide, "CloudFormation service role"). ministack asks nobody. The two context variables follow an
operation into its background task and its threads, as ministack's own account and region do.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions, iam_evaluator, responses, router
from ministack.services import cloudformation, iam

CALLER: ContextVar[Any] = ContextVar("caller_of_the_request", default=None)
ACTING: ContextVar[Any] = ContextVar("principal_of_the_stack_operation", default=None)


def install() -> None:
    """Remember the caller around every CloudFormation request."""
    handle_request = cloudformation.handle_request

    async def handle(method: str, path: str, headers: Any, body: bytes, query_params: Any) -> Any:
        access_key = router.extract_access_key_id(headers, query_params)
        found = iam_evaluator.resolve_principal(access_key or "", responses.get_account_id())
        caller = None if isinstance(found, iam_evaluator.AuthError) else found
        tokens = CALLER.set(caller), ACTING.set(caller)
        try:
            return await handle_request(method, path, headers, body, query_params)
        finally:
            CALLER.reset(tokens[0])
            ACTING.reset(tokens[1])

    cloudformation.handle_request = handle


def as_service_role(role_arn: str) -> Any:
    """The principal CloudFormation is when it has assumed `role_arn`, or None when it can't assume it."""
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get_scoped(account, None, name)
    if role is None or role["Arn"] != role_arn or not _trusts_cloudformation(role):
        return None
    return iam_evaluator.PrincipalInfo(
        arn=f"arn:aws:sts::{account}:assumed-role/{name}/AWSCloudFormation",
        type="AssumedRole",
        account=account,
        policies=iam_evaluator._gather_role_policies(name, account),
        limits=iam_evaluator._permissions_boundary(iam._roles, name, account),
    )


def _trusts_cloudformation(role: Mapping[str, Any]) -> bool:
    asked = iam_evaluator.EvalContext(
        principal_arn="",
        principal_type="Service",
        principal_account="",
        action="sts:AssumeRole",
        resource_arn="*",
        region=responses.get_region(),
    )
    trust = role["AssumeRolePolicyDocument"]
    verdict = iam_evaluator.evaluate_resource_policy(trust, asked, service="cloudformation.amazonaws.com")
    return bool(verdict.decision == "Allow")


def refusal(principal: Any, action: str, resource_arn: str, keys: Mapping[str, str] | None = None) -> str | None:
    """IAM's sentence when `principal` may not do this, None when it may; a root principal may do anything."""
    if principal is None or principal.policies is None:
        return None
    verdict = decide(principal, action, resource_arn, keys)
    if verdict.decision == "Allow":
        return None
    explicit = verdict.decision == "Deny"
    return str(iam_actions.identity_denial_message(action, principal.arn, resource_arn, explicit))


def decide(principal: Any, action: str, resource_arn: str, keys: Mapping[str, str] | None = None) -> Any:
    """ministack's own verdict on the principal's identity policies."""
    return iam_evaluator.evaluate(
        question(principal, action, resource_arn, keys), principal.policies, *principal.limits
    )


def question(principal: Any, action: str, resource_arn: str, keys: Mapping[str, str] | None = None) -> Any:
    """The evaluation context of one action of `principal`."""
    return iam_evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=action,
        resource_arn=resource_arn,
        region=responses.get_region(),
        service_context={key.lower(): value for key, value in (keys or {}).items()},
        principal_keys=principal.keys,
    )
