"""How a gap makes ministack's IAM refuse what real IAM refuses, over the API and in templates.

A refusal is the HTTP status, the error code and the sentence of real IAM, or None when nothing is refused.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import iam

from local.aws.gaps.handler_errors import HandlerError
from local.aws.gaps.request_facts import first

Refusal = tuple[int, str, str]
_STORES = {"Group": iam._groups, "Role": iam._roles, "User": iam._users}


def quota(name: str, most: int) -> Refusal:
    """The refusal of what would go beyond a quota."""
    return 409, "LimitExceeded", f"Cannot exceed quota for {name}: {most}"


def refuse_first(action: str, refusal: Callable[[Mapping[str, Any]], Refusal | None]) -> None:
    """Ask `refusal` about the parameters before ministack runs the action, which templates call by its function."""
    run = iam._IAM_HANDLERS[action]

    @wraps(run)
    def checked(parameters: Mapping[str, Any]) -> Any:
        if refused := refusal(parameters):
            status, code, sentence = refused
            return iam._error(status, code, escape(sentence))
        return run(parameters)

    iam._IAM_HANDLERS[action] = checked
    setattr(iam, run.__name__, checked)


def refuse_attaching(refusal: Callable[[Mapping[str, Any], str], Refusal | None]) -> None:
    """Ask `refusal` about a group, role or user and a policy's ARN before the policy is attached.

    A template's role attaches without the API, so there the refusal is raised as a HandlerError.
    """
    for kind, store in _STORES.items():
        refuse_first(f"Attach{kind}Policy", _of_request(f"{kind}Name", store, refusal))
    attach = iam.attach_managed_policy

    def attach_in_template(entity: dict[str, Any], policy_arn: str) -> None:
        if refused := refusal(entity, policy_arn):
            _take_back(entity)
            status, code, sentence = refused
            raise HandlerError(sentence, status, code)
        attach(entity, policy_arn)

    iam.attach_managed_policy = attach_in_template


def kind_of(entity: Mapping[str, Any]) -> str:
    """Whether a record of ministack's is a Group, a Role or a User."""
    return next(kind for kind in _STORES if f"{kind}Name" in entity)


def length(document: str) -> int:
    """The characters of a policy document as IAM counts them: without blanks."""
    return len("".join(document.split()))


def _take_back(entity: dict[str, Any]) -> None:
    """Detach everything from a role or user that the template has not made yet, and now never will."""
    kind = kind_of(entity)
    if _STORES[kind].get(entity[f"{kind}Name"]) is not entity:
        for policy_arn in list(entity["AttachedPolicies"]):
            iam.detach_managed_policy(entity, policy_arn)


def _of_request(
    name_of: str, store: Any, refusal: Callable[[Mapping[str, Any], str], Refusal | None]
) -> Callable[[Mapping[str, Any]], Refusal | None]:
    def of_request(parameters: Mapping[str, Any]) -> Refusal | None:
        entity = store.get(first(parameters, name_of))
        return refusal(entity, first(parameters, "PolicyArn")) if entity else None

    return of_request
