"""The calls that `make secrets`, `make deploy` and `make replay` make themselves, osls included, for one stage.

CloudFormation makes more, as the caller: `local.aws.registry`. tests/local/test_deployer_on_local_aws.py compares this
list with what the local AWS judged while the commands ran.
"""

from deploy.deployment import SECRETS, Deployment
from local.aws.registry import Call

PACKAGE = "serverlessdeploymentbucket-0a1b2c3d4e5f"


def commands_calls(here: Deployment) -> list[Call]:
    """Return every call, where the commands meet all that they can meet."""
    regional = f"{here.region}:{here.account_id}"
    name, functions = here.stack_name, f"arn:aws:lambda:{regional}:function:{here.stack_name}"
    places = {
        f"arn:aws:cloudformation:{regional}:stack/{name}/*": [
            "cloudformation:CreateChangeSet",
            "cloudformation:CreateStack",
            "cloudformation:DescribeChangeSet",
            "cloudformation:DescribeStackEvents",
            "cloudformation:DescribeStackResource",
            "cloudformation:DescribeStacks",
            "cloudformation:ExecuteChangeSet",
            "cloudformation:GetTemplate",
            "cloudformation:ListStackResources",
            "cloudformation:UpdateStack",
        ],
        "*": ["cloudformation:ValidateTemplate"],
        **{
            f"arn:aws:ssm:{regional}:parameter{here.secret_name(secret)}": ["ssm:GetParameter", "ssm:PutParameter"]
            for secret in SECRETS
        },
        f"arn:aws:s3:::{here.bucket}": ["s3:ListBucket"],
        f"arn:aws:s3:::{here.kit_bucket}": ["s3:ListBucket"],
        f"arn:aws:s3:::{here.bucket}/clients/x": ["s3:PutObject"],
        f"arn:aws:s3:::{name}-{PACKAGE}": ["s3:ListBucket"],
        f"arn:aws:s3:::{name}-{PACKAGE}/serverless/x": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
        f"arn:aws:dynamodb:{regional}:table/{name}": [
            "dynamodb:BatchGetItem",
            "dynamodb:DescribeTable",
            "dynamodb:Query",
        ],
        **{
            f"arn:aws:iam::{here.account_id}:role/{role}": ["iam:GetRole", "iam:ListAttachedRolePolicies"]
            for role in here.service_roles.values()
        },
        f"{functions}-slack": ["lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration"],
        f"{functions}-ingest": ["lambda:GetFunction"],
        f"{functions}-kit": ["lambda:InvokeFunction"],
        f"{functions}-outcome": ["lambda:InvokeFunction"],
        f"{functions}-provision": ["lambda:InvokeFunction"],
        f"arn:aws:sqs:{regional}:{here.failed_queue}": ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
    }
    return [Call(action, place) for place, actions in places.items() for action in actions]


def unjudged_calls(here: Deployment) -> list[Call]:
    """Return the calls that AWS judges and the local AWS does not, each with its reason."""
    stack = f"arn:aws:cloudformation:{here.region}:{here.account_id}:stack/{here.stack_name}/*"
    return [
        # A stack with tags is tagged as it is made. Source: Service Authorization Reference, AWS CloudFormation.
        Call("cloudformation:TagResource", stack),
        # CloudFormation deletes a stack whose first deployment failed, when somebody says so (docs/deploying.md).
        Call("cloudformation:DeleteStack", stack),
        # A change set is deleted only where an earlier deployment was stopped while it took over what was left.
        Call("cloudformation:DeleteChangeSet", stack),
        # `make deploy` asks only real AWS whether the account forbids public buckets.
        Call("s3:GetAccountPublicAccessBlock", "*"),
    ]
