"""How services call functions: with permission, again after a failure, and over HTTP."""

import json
import urllib.request

from tests.local.test_aws_gaps.accounts import LAMBDA_TRUST, Account, allow, eventually
from tests.local.test_aws_gaps.test_functions import LAMBDA, make

ANSWERS = (
    "def handler(event, context):\n    return {'statusCode': 202, 'body': event['rawPath'] + ' ' + event['body']}\n"
)
HTTP_API = {
    "Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": LAMBDA_TRUST}},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": ANSWERS},
            },
        },
        "May": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Ref": "Function"},
                "Principal": "apigateway.amazonaws.com",
            },
        },
        "Api": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {"Name": "events", "ProtocolType": "HTTP"},
        },
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True},
        },
        "Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": {"Fn::GetAtt": ["Function", "Arn"]},
                "PayloadFormatVersion": "2.0",
            },
        },
        "Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "RouteKey": "POST /events",
                "Target": {"Fn::Sub": "integrations/${Integration}"},
            },
        },
    },
    "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}}},
}
SAYS = (
    "import boto3, json, os, pathlib\nSQS, SEEN = boto3.client('sqs'), pathlib.Path(os.environ['TMPDIR'], 'seen')\n"
    "def handler(event, context):\n    said = event['Records'][0]['Sns']['Message'] if 'Records' in event else "
    "event['detail']['say']\n    if said == 'fail once' and not SEEN.exists():\n        SEEN.touch()\n"
    "        raise RuntimeError('not yet')\n"
    "    SQS.send_message(QueueUrl=os.environ['QUEUE'], MessageBody=json.dumps(said))\n"
)


def test_a_burst_of_notifications_is_taken_by_few_processes_and_none_is_lost(provider: Account) -> None:
    # Given
    url, _ = provider.queue_of("burst")
    role = provider.role("takes-bursts", LAMBDA, allow("sqs:SendMessage"))
    code = (
        "import boto3, json, os\nSQS = boto3.client('sqs')\ndef handler(event, context):\n"
        "    told = [event['Records'][0]['Sns']['Message'], os.getpid()]\n"
        "    SQS.send_message(QueueUrl=os.environ['QUEUE'], MessageBody=json.dumps(told))\n"
    )
    function = make(provider, "takes-bursts", role, code, QUEUE=url)
    sns = provider.client("sns")
    topic = sns.create_topic(Name="takes-bursts")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    permit(provider, "takes-bursts", "sns.amazonaws.com", topic)

    # When
    sent = [str(number) for number in range(12)]
    for message in sent:
        sns.publish(TopicArn=topic, Message=message)

    # Then
    told: list[tuple[str, int]] = []

    def all_arrived() -> bool:
        told.extend(provider.drain(url))
        return len(told) >= len(sent)

    eventually(all_arrived)
    assert sorted(message for message, _ in told) == sorted(sent)
    assert len({process for _, process in told}) <= 4


def test_sns_tries_again_what_failed(provider: Account) -> None:
    # Given a function that fails at its first notification
    url, _ = provider.queue_of("second-attempts")
    role = provider.role("fails-once", LAMBDA, allow("sqs:SendMessage"))
    function = make(provider, "fails-once", role, SAYS, QUEUE=url)
    topic = provider.client("sns").create_topic(Name="fails-once")["TopicArn"]
    provider.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    permit(provider, "fails-once", "sns.amazonaws.com", topic)

    # When it is notified once, Then it gets it in the end
    provider.client("sns").publish(TopicArn=topic, Message="fail once")
    assert eventually(lambda: provider.drain(url)) == ["fail once"]


def test_a_topic_calls_only_who_permits_it(provider: Account) -> None:
    # Given a warm function that permits one of its topics
    sns, url = provider.client("sns"), provider.queue_of("permitted-topics")[0]
    role = provider.role("permits-topic", LAMBDA, allow("sqs:SendMessage"))
    function = make(provider, "permits-topic", role, SAYS, QUEUE=url)
    topics = [sns.create_topic(Name=name)["TopicArn"] for name in ("permitted", "unpermitted")]
    for topic in topics:
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    permit(provider, "permits-topic", "sns.amazonaws.com", topics[0])
    sns.publish(TopicArn=topics[0], Message="warm")
    assert eventually(lambda: provider.drain(url)) == ["warm"]

    # When both speak
    sns.publish(TopicArn=topics[1], Message="unpermitted")
    sns.publish(TopicArn=topics[0], Message="first")
    heard = eventually(lambda: provider.drain(url))
    sns.publish(TopicArn=topics[0], Message="second")
    heard += eventually(lambda: provider.drain(url))

    # Then
    assert heard == ["first", "second"]


def test_a_rule_calls_only_who_permits_it(provider: Account) -> None:
    # Given a function behind two rules, which permits one of them
    events, url = provider.client("events"), provider.queue_of("permitted-rules")[0]
    role = provider.role("permits-rule", LAMBDA, allow("sqs:SendMessage"))
    function = make(provider, "permits-rule", role, SAYS, QUEUE=url)
    for name in ("permitted", "unpermitted"):
        rule = events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))["RuleArn"]
        events.put_targets(Rule=name, Targets=[{"Id": "function", "Arn": function}])
        if name == "permitted":
            permit(provider, "permits-rule", "events.amazonaws.com", rule)

    def say(source: str, word: str) -> None:
        entry = {"Source": source, "DetailType": "say", "Detail": json.dumps({"say": word})}
        assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    say("permitted", "warm")
    assert eventually(lambda: provider.drain(url)) == ["warm"]

    # When both happen
    say("unpermitted", "unpermitted")
    say("permitted", "first")
    heard = eventually(lambda: provider.drain(url))
    say("permitted", "second")
    heard += eventually(lambda: provider.drain(url))

    # Then
    assert heard == ["first", "second"]


def test_what_fails_for_good_goes_to_the_functions_destination(provider: Account) -> None:
    # Given a function that always fails when a rule calls it, is not to be tried again, and has a destination
    events, (url, queue_arn) = provider.client("events"), provider.queue_of("failed-for-good")
    role = provider.role("fails-for-good", LAMBDA, allow("sqs:SendMessage"))
    function = make(provider, "fails-for-good", role, "def handler(event, context):\n    raise RuntimeError('never')\n")
    provider.client("lambda").put_function_event_invoke_config(
        FunctionName="fails-for-good", MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": queue_arn}},
    )  # fmt: skip
    rule = events.put_rule(Name="fails-for-good", EventPattern=json.dumps({"source": ["doomed"]}))["RuleArn"]
    events.put_targets(Rule="fails-for-good", Targets=[{"Id": "function", "Arn": function}])
    permit(provider, "fails-for-good", "events.amazonaws.com", rule)

    # When the rule calls it
    events.put_events(Entries=[{"Source": "doomed", "DetailType": "say", "Detail": '{"say": "this"}'}])

    # Then the record names function and payload, as the replay reads them
    [failed] = eventually(lambda: provider.drain(url))
    assert failed["requestContext"]["functionArn"] == function
    assert failed["requestPayload"]["detail"] == {"say": "this"}


def permit(account: Account, function: str, service: str, source_arn: str) -> None:
    """Let a service call the function for one of its resources."""
    account.client("lambda").add_permission(
        FunctionName=function, StatementId="test", Action="lambda:InvokeFunction",
        Principal=service, SourceArn=source_arn,
    )  # fmt: skip


def test_the_endpoint_of_an_http_api_answers(provider: Account) -> None:
    # Given an HTTP API in a stack, as the product has it
    stack = provider.deploy("http-api", HTTP_API)
    assert provider.settle(stack) == "CREATE_COMPLETE"

    # When somebody without credentials posts to it
    endpoint = provider.stack(stack)["Outputs"][0]["OutputValue"]
    request = urllib.request.Request(f"{endpoint}/events", data=b"{}", headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        # Then
        assert (answer.status, answer.read()) == (202, b"/events {}")
