"""`AWS::IAM::Role` with a name that is taken fails, instead of taking the other role over.

IAM API Reference, "CreateRole": EntityAlreadyExists.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import iam
from ministack.services.cloudformation import provisioners

from local.aws.gaps.handler_errors import HandlerError


def install() -> None:
    """Check before ministack creates."""
    handler = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]
    create_role = handler["create"]

    def create(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> Any:
        name = properties.get("RoleName")
        if name in iam._roles:
            raise HandlerError(f"Role with name {name} already exists.", 409, "EntityAlreadyExists")
        return create_role(logical_id, properties, stack_name)

    handler["create"] = create
