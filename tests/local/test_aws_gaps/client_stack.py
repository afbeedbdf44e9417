"""A client's stack as Switchyard ships it, in small: topic, forwarder, gate, and a child from the provider's bucket."""

import json
from typing import Any

from tests.local.test_aws_gaps.accounts import LAMBDA_TRUST, allow, policy

FORWARDER = """
import json, os, urllib.parse, urllib.request
import boto3, cfnresponse
SQS = boto3.client("sqs")
def handler(event, context):
    if "Records" in event:
        SQS.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event["Records"][0]["Sns"]))
        return
    SQS.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps({"gate": event["RequestType"]}))
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Answer": "open"}, "gate")
"""


def child_template(**more: Any) -> dict[str, Any]:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}],
    }
    return {
        "Parameters": {"RoleName": {"Type": "String"}, "Description": {"Type": "String", "Default": "first"}},
        "Resources": {
            "AccessRole": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": {"Ref": "RoleName"},
                    "Description": {"Ref": "Description"},
                    "AssumeRolePolicyDocument": trust,
                },
            },
            **more,
        },
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["AccessRole", "Arn"]}}},
    }


def parent_template(child_url: str, queue_url: str) -> dict[str, Any]:
    return {
        "Parameters": {"RoleName": {"Type": "String"}, "Description": {"Type": "String", "Default": "first"}},
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic"},
            "ForwarderRole": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": {"Fn::Sub": "forwarder-${RoleName}"},
                    "AssumeRolePolicyDocument": LAMBDA_TRUST,
                    "Policies": [{"PolicyName": "q", "PolicyDocument": json.loads(policy(allow("sqs:SendMessage")))}],
                },
            },
            "Forwarder": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": "python3.13",
                    "Handler": "index.handler",
                    "Timeout": 30,
                    "Role": {"Fn::GetAtt": ["ForwarderRole", "Arn"]},
                    "Environment": {"Variables": {"QUEUE": queue_url}},
                    "Code": {"ZipFile": FORWARDER},
                },
            },
            "Permission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "Action": "lambda:InvokeFunction",
                    "FunctionName": {"Ref": "Forwarder"},
                    "Principal": "sns.amazonaws.com",
                    "SourceArn": {"Ref": "Topic"},
                },
            },
            "Subscription": {
                "Type": "AWS::SNS::Subscription",
                "Properties": {
                    "Protocol": "lambda",
                    "TopicArn": {"Ref": "Topic"},
                    "Endpoint": {"Fn::GetAtt": ["Forwarder", "Arn"]},
                },
            },
            "Gate": {
                "Type": "Custom::Gate",
                "DependsOn": ["Permission", "Subscription"],
                "Properties": {"ServiceToken": {"Fn::GetAtt": ["Forwarder", "Arn"]}},
            },
            "Access": {
                "Type": "AWS::CloudFormation::Stack",
                "DependsOn": ["Gate"],
                "Properties": {
                    "TemplateURL": child_url,
                    "NotificationARNs": [{"Ref": "Topic"}],
                    "Parameters": {"RoleName": {"Ref": "RoleName"}, "Description": {"Ref": "Description"}},
                },
            },
        },
        "Outputs": {
            "Answer": {"Value": {"Fn::GetAtt": ["Gate", "Answer"]}},
            "RoleArn": {"Value": {"Fn::GetAtt": ["Access", "Outputs.RoleArn"]}},
        },
    }
