"""The packaged serverless.yml: where failed invocations go, and what tells a person to act."""

import json
from typing import Any

import pytest

from bot import bootstrap
from bot.domain.limits import NEAR
from bot.domain.request import LEASE
from bot.domain.vocabulary import Counted, Measure
from tests.templates.packaged import FUNCTIONS, Package

QUEUE = "arn:aws:sqs:us-east-1:111111111111:switchyard-test-failed"
RULE = "arn:aws:events:us-east-1:111111111111:rule/switchyard-test-outcome"
ASYNCHRONOUS = ["provision", "outcome", "kit"]
"""And the sweep, which the next one makes good."""
TWO_WEEKS = 14 * 24 * 3600


def alarms(packaged: Package) -> dict[str, dict[str, Any]]:
    """All alarms by name, without the stage's prefix."""
    found = [packaged.resolved(logical_id) for logical_id in packaged.of_type("AWS::CloudWatch::Alarm")]
    return {alarm["AlarmName"].removeprefix("switchyard-test-"): alarm for alarm in found}


def dimension(alarm: dict[str, Any]) -> tuple[str, str]:
    (one,) = alarm["Dimensions"]
    return one["Name"], one["Value"]


@pytest.mark.parametrize("name", ASYNCHRONOUS)
def test_a_failed_asynchronous_invocation_goes_to_the_queue(packaged: Package, name: str) -> None:
    configuration = packaged.resolved(f"{name.capitalize()}LambdaEvConf")

    assert configuration["FunctionName"] == f"switchyard-test-{name}"
    assert configuration["DestinationConfig"] == {"OnFailure": {"Destination": QUEUE}}


def test_only_what_is_invoked_asynchronously_has_a_destination(packaged: Package) -> None:
    configurations = [packaged.resolved(one) for one in packaged.of_type("AWS::Lambda::EventInvokeConfig")]
    assert len([one for one in configurations if one.get("DestinationConfig")]) == len(ASYNCHRONOUS)


def test_an_outcome_that_cannot_be_delivered_goes_there_too(packaged: Package) -> None:
    (target,) = packaged.resolved("Switchyardtestoutcomerule1EventBridgeRule")["Targets"]
    (statement,) = packaged.resolved("FailedQueuePolicy")["PolicyDocument"]["Statement"]

    assert target["DeadLetterConfig"] == {"Arn": QUEUE}
    assert packaged.resolved("Switchyardtestoutcomerule1EventBridgeRule")["Name"] == RULE.rpartition("/")[2]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": QUEUE,
        "Condition": {"ArnEquals": {"aws:SourceArn": RULE}},
    }


def test_the_queue_is_encrypted_and_keeps_for_two_weeks(packaged: Package) -> None:
    queue = packaged.resolved("FailedQueue")

    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == TWO_WEEKS
    assert queue["VisibilityTimeout"] > LEASE.total_seconds()


def test_every_alarm_tells_the_topic_and_says_when_it_is_over(packaged: Package) -> None:
    topic = packaged.resolved("AlarmTopic")["TopicName"]

    for name, alarm in alarms(packaged).items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [topic], name
        assert alarm["AlarmDescription"], name


def test_there_is_an_alarm_for_everything_a_person_must_act_on(packaged: Package) -> None:
    assert set(alarms(packaged)) == {
        "failed-queue",
        "oldest-unposted",
        "oldest-unfinished",
        "groups-used",
        "policies-used",
        "sweep-silent",
        *(f"{name}-errors" for name in FUNCTIONS),
        "api-failures",
        "api-busy",
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_errors_are_watched_function_by_function(packaged: Package, name: str) -> None:
    alarm = alarms(packaged)[f"{name}-errors"]

    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/Lambda", "Errors", "Sum")
    assert dimension(alarm) == ("FunctionName", f"switchyard-test-{name}")


def test_one_message_in_the_queue_is_enough(packaged: Package) -> None:
    alarm = alarms(packaged)["failed-queue"]

    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert packaged.resources["FailedQueueAlarm"]["Properties"]["Dimensions"] == [
        {"Name": "QueueName", "Value": {"Fn::GetAtt": ["FailedQueue", "QueueName"]}}
    ]
    assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
        "Maximum",
        "GreaterThanThreshold",
        0,
    )


def test_a_sweep_that_never_runs_is_noticed(packaged: Package) -> None:
    alarm = alarms(packaged)["sweep-silent"]

    assert (alarm["MetricName"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
        "Invocations",
        "LessThanThreshold",
        1,
    )
    assert alarm["TreatMissingData"] == "breaching"
    assert dimension(alarm) == ("FunctionName", "switchyard-test-sweep")


def test_the_api_is_busy_when_its_throttle_is_reached(packaged: Package) -> None:
    (stage,) = packaged.of_type("AWS::ApiGatewayV2::Stage")
    rate = packaged.resolved(stage)["DefaultRouteSettings"]["ThrottlingRateLimit"]
    busy = alarms(packaged)["api-busy"]

    assert busy["Threshold"] == rate * busy["Period"]
    assert alarms(packaged)["api-failures"]["MetricName"] == "5xx"


@pytest.mark.parametrize("measure", [Measure.OLDEST_UNPOSTED, Measure.OLDEST_UNFINISHED])
def test_what_waits_is_watched_where_the_sweep_tells_it(
    measure: Measure, packaged: Package, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = packaged.function("sweep")["Environment"]["Variables"]["STAGE"]
    bootstrap.LogMeter(stage).seconds(measure, 1)

    line = json.loads(capsys.readouterr().out)
    [metric] = line["_aws"]["CloudWatchMetrics"]
    [alarm] = [one for one in alarms(packaged).values() if one["MetricName"] == measure.value]
    assert alarm["Namespace"] == metric["Namespace"]
    assert alarm["Dimensions"] == [{"Name": name, "Value": line[name]} for name in metric["Dimensions"][0]]
    assert alarm["Threshold"] == {Measure.OLDEST_UNPOSTED: 600, Measure.OLDEST_UNFINISHED: 1800}[measure]


@pytest.mark.parametrize("kind", Counted)
def test_each_limit_rings_at_four_fifths_where_it_is_told_and_until_it_is_told_otherwise(
    kind: Counted, packaged: Package, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = packaged.function("provision")["Environment"]["Variables"]["STAGE"]
    bootstrap.LogMeter(stage).percent(Measure.QUOTA_USED, NEAR, kind)

    line = json.loads(capsys.readouterr().out)
    [metric] = line["_aws"]["CloudWatchMetrics"]
    alarm = alarms(packaged)[f"{kind}-used"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (metric["Namespace"], metric["Metrics"][0]["Name"])
    assert alarm["Dimensions"] == [{"Name": name, "Value": line[name]} for name in metric["Dimensions"][0]]
    assert (alarm["Statistic"], alarm["ComparisonOperator"]) == ("Maximum", "GreaterThanOrEqualToThreshold")
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (NEAR, "ignore")
