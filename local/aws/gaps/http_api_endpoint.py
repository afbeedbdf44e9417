"""`ApiEndpoint` of an HTTP API is an address that answers.

Amazon API Gateway Developer Guide, "Invoke HTTP APIs": the `$default` stage is served from the root of that address.
ministack names a host (`<id>.execute-api.<host>`) that doesn't resolve here; its path form does the same.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners


def install(port: int) -> None:
    """Give APIs made by CloudFormation the path form."""
    handler = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    create_api = handler["create"]

    def create(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> Any:
        api_id, attributes = create_api(logical_id, properties, stack_name)
        endpoint = f"http://127.0.0.1:{port}/_aws/execute-api/{api_id}"
        apigateway._apis[api_id]["apiEndpoint"] = endpoint
        return api_id, {**attributes, "ApiEndpoint": endpoint}

    handler["create"] = create
