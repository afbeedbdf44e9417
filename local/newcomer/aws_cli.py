"""As much of the AWS CLI as the pages use, on boto3, so that it need not be installed.

Services, operations and options are botocore's own, as in the CLI, so a wrong one fails. `aws cloudformation deploy` is
the one command that is no operation.
"""

import sys
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name


def main(arguments: list[str]) -> int:
    """Run one command and print its answer."""
    service, operation, *rest = arguments
    options = _options(rest)
    client = boto3.client(service)  # type: ignore[call-overload]
    if (service, operation) == ("cloudformation", "deploy"):
        _deploy(client, options)
        return 0
    method = operation.replace("-", "_")
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape
    names = {xform_name(name, "-"): name for name in (shape.members if shape else ())}
    answer = getattr(client, method)(**{names[option]: _given(values) for option, values in options.items()})
    answer.pop("ResponseMetadata", None)
    print(answer or "")
    return 0


def _options(words: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            found[word.removeprefix("--")] = last = []
        else:
            last.append(word)
    return found


def _given(values: list[str]) -> Any:
    return values[0] if len(values) == 1 else values


def _deploy(cloudformation: Any, options: dict[str, list[str]]) -> None:
    """Create the stack, and wait for it."""
    pairs = [given.partition("=") for given in options.pop("parameter-overrides", [])]
    name = options.pop("stack-name")[0]
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=Path(options.pop("template-file")[0]).read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, _, value in pairs],
        Capabilities=options.pop("capabilities", []),
    )
    if options:
        raise SystemExit(f"aws cloudformation deploy has no {', '.join(options)} here")
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    print(f"Successfully created stack {name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
