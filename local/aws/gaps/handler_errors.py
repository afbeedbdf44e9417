"""A resource handler's failure as CloudFormation words it in a stack event.

AWS CloudFormation CLI User Guide, "Handler error codes"; the sentence carries the service's own reason inside.
"""

from ministack.core import responses

_CODES = {403: "AccessDenied", 404: "NotFound", 409: "AlreadyExists"}


class HandlerError(Exception):
    """IAM refused what a resource needs: its message, HTTP status and error code."""

    def __init__(self, message: str, status: int, code: str) -> None:
        handler_code = "GeneralServiceException" if code == "DeleteConflict" else _CODES.get(status, "InvalidRequest")
        super().__init__(
            f'Resource handler returned message: "{message} (Service: Iam, Status Code: {status}, '
            f'Request ID: {responses.new_uuid()})" (RequestToken: {responses.new_uuid()}, '
            f"HandlerErrorCode: {handler_code})"
        )
