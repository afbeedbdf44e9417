"""Reading and deleting a function's reserved concurrency are actions of their own.

Service Authorization Reference, "Actions, resources, and condition keys for AWS Lambda": GetFunctionConcurrency,
DeleteFunctionConcurrency. ministack asks for PutFunctionConcurrency in all three cases.
"""

from ministack.core import iam_actions

_BY_METHOD = {"GET": "GetFunctionConcurrency", "DELETE": "DeleteFunctionConcurrency"}


def install() -> None:
    """Correct what ministack reads out of the path."""
    lambda_action = iam_actions._lambda_action

    def action(method: str, path: str) -> str | None:
        found: str | None = lambda_action(method, path)
        return _BY_METHOD.get(method, found) if found == "PutFunctionConcurrency" else found

    iam_actions._lambda_action = action
