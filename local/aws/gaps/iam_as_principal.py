"""How a resource of a template calls IAM: as the principal of the stack operation, judged as over the API.

AWS CloudFormation User Guide, "CloudFormation service role": the role's permissions decide on each call. Its condition
keys are those of a request.
"""

from xml.etree import ElementTree

from ministack.core import responses
from ministack.services import iam

from local.aws.gaps.callers import ACTING, refusal
from local.aws.gaps.handler_errors import HandlerError
from local.aws.gaps.policy_arn_key import policy_arn
from local.aws.gaps.request_facts import identity_arn


def ask(action: str, **parameters: str) -> None:
    """Raise HandlerError when the principal may not do this."""
    arn = identity_arn(parameters, responses.get_account_id())
    if denied := refusal(ACTING.get(), f"iam:{action}", arn, policy_arn(action, parameters)):
        raise HandlerError(denied, 403, "AccessDenied")


def call(action: str, **parameters: str) -> None:
    """Ask, then call IAM; its errors are raised as HandlerError."""
    ask(action, **parameters)
    status, _, body = iam._IAM_HANDLERS[action]({key: [value] for key, value in parameters.items()})
    if status >= 400:
        answer = ElementTree.fromstring(body)  # noqa: S314
        raise HandlerError(answer.findtext(".//{*}Message") or "", status, answer.findtext(".//{*}Code") or "")
