"""A resource handler's failure as CloudFormation words it in a stack event.

AWS CloudFormation CLI User Guide, "Handler error codes"; the sentence carries the service's own reason inside.
"""

from ministack.core import responses

_BY_STATUS = {403: "AccessDenied", 404: "NotFound", 409: "AlreadyExists", 500: "ServiceInternalError"}
_BY_CODE = {"DeleteConflict": "GeneralServiceException", "LimitExceeded": "ServiceLimitExceeded"}


class HandlerError(Exception):
    """IAM refused what a resource needs: its message, HTTP status and error code."""

    def __init__(self, message: str, status: int, code: str) -> None:
        handler_code = _BY_CODE.get(code) or _BY_STATUS.get(status, "InvalidRequest")
        super().__init__(
            f'Resource handler returned message: "{message} (Service: Iam, Status Code: {status}, '
            f'Request ID: {responses.new_uuid()})" (RequestToken: {responses.new_uuid()}, '
            f"HandlerErrorCode: {handler_code})"
        )
