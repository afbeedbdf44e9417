"""The resources of Switchyard's own stack are made, changed and deleted with the rights of whoever deploys.

AWS CloudFormation User Guide, "CloudFormation service role": without a service role CloudFormation uses the caller's
credentials. ministack asks nobody. What is asked is in `local.aws.registry`. Groups and managed policies have modules
of their own.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from ministack.core import responses
from ministack.services.cloudformation import provisioners

from local.aws import registry
from local.aws.gaps.callers import ACTING, refusal
from local.aws.gaps.handler_errors import HandlerError


def install() -> None:
    """Ask before each handler of ministack's runs."""
    for resource_type in registry.ARNS:
        handler = provisioners._RESOURCE_HANDLERS[resource_type]
        handler["create"] = _creating(resource_type, handler["create"])
        handler["update"] = _updating(resource_type, handler["update"])
        handler["delete"] = _deleting(resource_type, handler["delete"])


def _creating(resource_type: str, run: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(run)
    def create(logical_id: str, properties: Any, stack_name: str) -> Any:
        # CloudFormation adds characters of its own to a name that it makes up.
        _ask(resource_type, "create", f"{stack_name}-{logical_id}-0123456789ab".lower(), properties)
        return run(logical_id, properties, stack_name)

    return create


def _updating(resource_type: str, run: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(run)
    def update(physical_id: str, before: Any, after: Any, *rest: Any) -> Any:
        _ask(resource_type, "update", physical_id, after)
        return run(physical_id, before, after, *rest)

    return update


def _deleting(resource_type: str, run: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(run)
    def delete(physical_id: str, properties: Any, *rest: Any) -> Any:
        _ask(resource_type, "delete", physical_id, properties)
        return run(physical_id, properties, *rest)

    return delete


def _ask(resource_type: str, verb: str, name: str, properties: Any) -> None:
    """Raise HandlerError when whoever acts may not do all of it; the root of an account may do anything."""
    principal = ACTING.get()
    if principal is None or principal.policies is None:
        return
    place = registry.Place(name, responses.get_account_id(), responses.get_region())
    for call in registry.calls(resource_type, verb, properties or {}, place):
        if denied := refusal(principal, call.action, call.arn, dict(call.keys)):
            raise HandlerError(denied, 403, "AccessDenied")
