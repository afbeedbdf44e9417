"""Where each figure of the pages comes from: sentences of a page, with the figures put in from the code.

What AWS fixes stands in sources.py, with its page. What was measured stands in docs/performance.md, which `make bench`
writes, or in `MEASURED`, with the command that measures it. Nothing else may be a plain number here, but for examples.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from datetime import timedelta
from math import ceil

from messenger import PATIENCE

from bench.costs import MONTH_MINUTES, PRICES, WARM_EVERY_MINUTES
from bot.aws import cloudformation, secrets, sts, writes
from bot.bootstrap import TO_STORE
from bot.channel import rate_limit
from bot.decisions import invite
from bot.domain import app_home, limits, page, policy, request
from bot.domain.errors import Malformed, NotInvited, ProofRefused, TooLarge, TryAgain
from bot.domain.invitation import MOST_ACCOUNTS
from bot.domain.variables import GIVEN, WORKED_OUT
from bot.domain.vocabulary import Measure
from bot.ingest import draft, payload
from bot.kit import entries
from bot.provisioning import attempt, team_tasks
from bot.settings import NAME_LENGTH
from bot.slack.inbound import signature
from bot.sweep import PAGE, REMINDING, REQUESTS, WORK
from deploy import preflight, slack_api
from handlers.ingest import TAKEN
from local.slack.app.socket_mode import LARGEST_FRAME
from local.slack.workspace.sockets import TICKET_SECONDS
from tests.scenarios.alarm_bell import alarms
from tests.unit.pages.sources import (
    AWS,
    PROJECT,
    decision_kinds,
    forwarder,
    log_days,
    minutes,
    on_a_page,
    repeated_minutes,
    seconds,
    yaml_of,
)

MEASURED = {
    "docs/architecture.md": (
        "make prove",
        "which 1,000 clients deploy (and 3,000, in `make prove`)",
        "within 6 minutes after the others of 1,000",
        "Of 3,000 it takes longer",
        "| 1,000 | none | - | 1,104 | 1.02 | none |",
        "| 1,000 | 5 % | - | 1,104 | 1.06 | none |",
        "| 1,000 | 5 % | 40 minutes | 1,056 | 1.06 | the last words sent in that time |",
        "| 3,000 | none | - | 3,192 | 1.02 | none |",
        "| 3,000 | 5 % | - | 3,238 | 1.06 | none |",
        "| 3,000 | 5 % | 40 minutes | 3,195 | 1.06 | the last words sent in that time |",
    ),
    "docs/deploying.md": (
        "make newcomer",
        "27 seconds for the first `make`",
        "16 seconds for `make deploy`",
    ),
    "docs/operating.md": ("make prove", "nothing of ours runs, for 40 minutes"),
}
"""A command, and what it measures."""
_REFUSALS = sorted(one.status for one in (Malformed, ProofRefused, NotInvited, TooLarge, TryAgain))
EXAMPLES = {
    "README.md": ("one of 200 clients", "**Approve all 20**"),
    "docs/operating.md": ('"The AWS account has used 243 of its', "with 300 clients each"),
    "docs/security.md": ("an event from 2019 or 2126",),
    "docs/removing.md": ("in your account 222222222222",),
    "docs/tour.md": ("Approve all 20",),
    "CONTRIBUTING.md": ("up to about 40 lines, modules up to about 200",),
}
"""Numbers that stand for any."""


def figures() -> Mapping[str, list[str]]:
    """Return each page's sentences with figures."""
    return {
        "README.md": _readme(),
        "docs/deploying.md": [_needed(), "1 to 12 lower-case letters and digits"],
        "docs/for-clients.md": [
            f"kept for {log_days()} days",
            f"for about {repeated_minutes()} minutes",
            f"reports for {writes.EVENTS_KEPT.days} days",
        ],
        "docs/upgrading.md": [f"sends again for about {repeated_minutes()} minutes"],
        "docs/removing.md": [
            f"about ${AWS.backup_gb_month:.2f} a month for each GB",
            f"another one for {AWS.recovery_days} days",
            f"{AWS.longest_session_hours} hours at most",
            f"tries for about {repeated_minutes()} minutes",
        ],
        "docs/tour.md": [],
        "docs/symbols.md": [],
        "docs/developing-with-slack.md": [
            f"at most {LARGEST_FRAME // 1024} KiB",
            f"the limit of {LARGEST_FRAME // 1024} KiB",
            f"(here {TICKET_SECONDS:g} seconds)",
        ],
        "CONTRIBUTING.md": [],
        "SECURITY.md": [],
        "docs/teams.md": _teams(),
        "docs/architecture.md": _architecture(),
        "docs/security.md": _security(),
        "docs/operating.md": _operating() + _alarms() + _costs(),
    }


def _needed() -> str:
    lowest = re.search(r"version_info < \((\d+), (\d+)\)", (PROJECT / "Makefile").read_text())
    node = re.search(r'"node": "\^([\d.]+?)(?:\.0)? ', (PROJECT / "package.json").read_text())
    assert lowest and node
    return f"Python {lowest[1]}.{lowest[2]} or later, Node {node[1]} or later"


def _readme() -> list[str]:
    of_a_group = page.PAGES_IN_A_GROUP * on_a_page()
    return [
        _needed(),
        f"| {of_a_group:,} for each group of {page.PAGES_IN_A_GROUP} pages; {AWS.groups_of_a_user * of_a_group:,} for",
        f"your AWS account: {AWS.groups}, or {AWS.most_groups} if you ask AWS",
        f"| {AWS.policies_of_a_role * on_a_page():,} clients for each permission set, "
        f"{AWS.policies_of_a_permission_set * on_a_page():,} if you ask AWS",
        f"| {MOST_ACCOUNTS}, each decided by itself",
        _monthly(),
    ]


def _teams() -> list[str]:
    of_a_group = page.PAGES_IN_A_GROUP * on_a_page()
    all_of_them = f"{AWS.groups_of_a_user * of_a_group:,}"
    second = f"{page.PAGES_IN_A_GROUP + 1} to {2 * page.PAGES_IN_A_GROUP}"
    of_a_permission_set = AWS.policies_of_a_permission_set
    return [
        f"With teams it ends at {all_of_them}.",
        f"for pages {second}, and so on",
        f"| {on_a_page()} with the default name",
        f"| {page.POLICY_LENGTH:,} characters for a policy",
        f"| {page.PAGES_IN_A_GROUP}, so {of_a_group:,} clients |",
        f"| {AWS.groups_of_a_user}, so {all_of_them} clients",
        f"| {AWS.policies:,} | IAM; {AWS.most_policies:,} if you ask",
        f"| {AWS.groups} | IAM; {AWS.most_groups} if you ask",
        f"CloudFormation; {AWS.stacks:,} in a region",
        f"fewer than {cloudformation.KEPT_GROUPS} groups left",
        f"From {limits.NEAR} % of the quota on",
        f"A team's name has {_length_in('TEAMS')} lower-case letters",
        f"those that made a group ({_that_make_groups()} …) last",
        f"{AWS.most_policies:,} clients take {ceil(AWS.most_policies / on_a_page())} pages",
        f"at most {team_tasks.NAMED} people",
        f"managed policies: {AWS.policies_of_a_role}, so {AWS.policies_of_a_role * on_a_page():,} clients",
        f"permission set {of_a_permission_set}, so {of_a_permission_set * on_a_page():,} clients",
        f"asks for {entries.AWS_DEFAULT_SESSION:,} seconds",
        f"group of pages 1 to {page.PAGES_IN_A_GROUP} |",
        f"group of pages {second} |",
        "AWS CLI (version 2)",
    ]


def _that_make_groups() -> str:
    """Name the first pages whose stacks make a group too."""
    return ", ".join(str(number) for number in range(1, 30) if page.PageName("operators", number).makes_group)


def _length_in(variable: str) -> str:
    """Return how long a name may be; tests of bot/domain/variables.py compare these words with the form beside them."""
    words = next(one.in_words for one in (*GIVEN, *WORKED_OUT) if one.name == variable)
    found = re.search(r"\d+ to \d+", words)
    assert found
    return found[0]


def _default(variable: str) -> str:
    return next(str(one.default) for one in GIVEN if one.name == variable)


def _architecture() -> list[str]:
    sweep = yaml_of("serverless.yml")["functions"]["sweep"]
    statuses = [TAKEN, *_REFUSALS]
    until_stored = timedelta(seconds=sweep["timeout"] - TO_STORE)
    return [
        f"since version {payload.NEWEST_VERSION} also whether",
        f"asked after {minutes(draft.UNCONFIRMED_FOR)} minutes, marked",
        f"answer out ({', '.join(map(str, statuses))})",
        f"takes its lease for {seconds(request.LEASE)} seconds",
        f"| 0 | takes the time, then reads at most {REQUESTS} due requests and the first {PAGE} due messages",
        f"| until {seconds(WORK)} |",
        f"| for {seconds(REMINDING)} more |",
        f"| until {seconds(rate_limit.MOST)} |",
        f"reads the next {PAGE} messages",
        f"| for {seconds(app_home.REFRESHING)} more, until {seconds(app_home.LATEST)} |",
        f"the Homes of at most {app_home.AT_ONCE} people anew, who opened theirs within the last "
        f"{minutes(app_home.THERE)} minutes",
        f"| {seconds(until_stored)} | no call to Slack waits longer",
        f"| {sweep['timeout']} | Lambda would end it",
        f"last word is sent within {PATIENCE.last_word:g} seconds or never",
    ]


def _security() -> list[str]:
    patience = inspect.signature(sts.StsVerifier).parameters["timeout"].default
    return [
        f"No redirects, no proxies, {patience:g} seconds",
        f"At most {minutes(sts.FRESH)} minutes old",
        "A forwarder of version 1 claims neither",
        f"alteration alone is what was refused. {ProofRefused.status}",
        f"means: for good. {TryAgain.status} means: not now",
        f"{24 * 8} random bits, kept as a hash, {invite.LIFETIME.days} days",
        f"everything that comes from it gets {NotInvited.status}",
        f"at most {policy.MOST_MESSAGES} messages an hour",
        f"Slack's signature and its {signature.FRESH_SECONDS // 60} minutes come first",
        "What fails it gets 401 (400 if it can't be decoded)",
        "If the secret can't be read, the answer is 503.",
        "it gets an empty 200.",
        f"sent again, for {signature.FRESH_SECONDS // 60} minutes",
        f"asked after {minutes(draft.UNCONFIRMED_FOR)} minutes and marked",
    ]


def _operating() -> list[str]:
    repeated, asked_for = repeated_minutes(), f"{minutes(attempt.TOLD_AFTER)} minutes"
    queue = yaml_of("deploy/cloudformation/failed-queue.yml")["Resources"]["FailedQueue"]["Properties"]
    return [
        f"at most {NAME_LENGTH} characters: the text for a client",
        f"{_length_in('STAGE')} lower-case letters and digits",
        f"counts within {ceil(secrets.KEPT_SECONDS / 60)} minutes",
        "answers 5xx or 429, does not know",
        f"it costs {slack_api.CALL_SECONDS:g} seconds at most for an answer that does not come, "
        f"{slack_api.ALL_SECONDS:g} for all",
        f"Lambda's {preflight.ENVIRONMENT_LIMIT // 1024} KB",
        f"refused in the last {invite.LIFETIME.days} days",
        f"Open ones last up to {AWS.longest_session_hours} hours",
        f"does again after {_default('REMIND_AFTER_HOURS')} hours",
        f"After {_default('EXPIRE_AFTER_DAYS')} days it expires",
        f"{AWS.longest_session_hours} hours at most",
        f"in {AWS.groups_of_a_user} groups, and an account have {AWS.groups} unless you ask AWS for more "
        f"({AWS.most_groups} at most). With fewer than {cloudformation.KEPT_GROUPS} left",
        f"of its {AWS.groups} IAM groups",
        f"{limits.NEAR} % of an IAM quota are used",
        f"the account had fewer than {cloudformation.KEPT_GROUPS} groups left",
        f"have not changed for {minutes(attempt.LONG)} minutes",
        f"after {asked_for} the message says why",
        f"{ProofRefused.status} is the proof (clock, role name), {NotInvited.status} the invitation",
        f"kept for {yaml_of('serverless.yml')['provider']['logRetentionInDays']} days. They hold",
        f"after {asked_for} its message",
        "Slack answers 429",
        f"answered with {TryAgain.status}, and forwarders come again for about {repeated} minutes",
        f"nothing yet: {TryAgain.status}, and the invitation stays good",
        f"🔵; after {minutes(attempt.LONG)} minutes 🔴",
        f"🔵; after {minutes(attempt.LONG)} minutes ⏳",
        f"forwarders come again for about {repeated} minutes. A stack",
        f"again and again for about {repeated} minutes (three invocations of up to "
        f"{forwarder()['Forwarder']['Properties']['Timeout'] // 60})",
        f"({invite.LIFETIME.days} days); after that",
        f"a time within the last {AWS.recovery_days} days",
        f"for the rest of their {invite.LIFETIME.days} days",
        f"come again for about {repeated} minutes; see",
        f"wait for {queue['MessageRetentionPeriod'] // 86400} days in the queue",
        "ends with 1.",
        f"again after {queue['VisibilityTimeout'] // 60} minutes",
        f"answered with {TAKEN}, duplicates",
        f"counts its {minutes(draft.UNCONFIRMED_FOR)} minutes too",
        "; 0 when there is nothing",
        f"accounts {writes.ATTEMPTS_KEPT.days} days after the last one",
    ]


def _alarms() -> list[str]:
    told = alarms()
    unposted, unfinished = (told[f"oldest-{one}"]["Threshold"] // 60 for one in ("unposted", "unfinished"))
    silent = told["sweep-silent"]
    return [
        f"`oldest-unposted` after {unposted} minutes",
        f"`oldest-unfinished` after {unfinished} minutes",
        f"for more than {unposted} minutes Slack has not shown",
        f"has not ended for more than {unfinished} minutes",
        f"{told['groups-used']['Threshold']} % of the groups",
        f'"Groups per account", {AWS.most_groups} at most',
        f'"Customer managed policies per account", {AWS.most_policies:,} at most',
        f"has not run for {silent['EvaluationPeriods'] * silent['Period'] // 60} minutes",
        f"more than once in {told['sweep-errors']['Period'] // 60} minutes",
        f"calls in {told['api-failures']['Period'] // 60} minutes were answered with 5xx",
        f"{told['policies-used']['Threshold']} % of the customer-managed policies",
        f"sends it again for about {repeated_minutes()} minutes",
        f"comes again for about {repeated_minutes()} minutes",
        f"Is the message 🔴 after {minutes(attempt.LONG)} minutes",
        f"for about {repeated_minutes()} minutes: logs",
        f"({told['api-busy']['Threshold']:,} in {told['api-busy']['Period'] // 60} minutes), so that others get 429",
        "then after 1, 2, 4, … hours",
        f"is lost unless it is taken within about {repeated_minutes()} minutes",
    ]


def _metrics() -> int:
    by_kind = {Measure.EVENTS_REFUSED: len(_REFUSALS), Measure.DECISIONS: len(decision_kinds()), Measure.QUOTA_USED: 2}
    return sum(by_kind.get(one, 1) for one in Measure)


def _monthly() -> str:
    """Return what an idle and a busy month cost, in whole dollars."""
    least = len(alarms()) * PRICES.alarm + 2 * PRICES.metric
    busy = least + (_metrics() - 2) * PRICES.metric + sum(map(_measured, (_SWEEP, _WARM, _ONBOARDINGS)))
    return f"${round(least)} to ${round(busy)} a month"


def _costs() -> list[str]:
    metrics = _metrics()
    runs = _about(_SWEEP)
    return [
        _monthly(),
        "us-east-1 in 2026;",
        f"| {len(alarms())} alarms, ${PRICES.alarm:.2f} each | ${len(alarms()) * PRICES.alarm:.2f} "
        f"| {AWS.free_alarms} alarms |",
        f"${PRICES.metric:.2f} each, for the hours in which they are told: two always, up to {metrics} in a busy month "
        f"| ${2 * PRICES.metric:.2f} to ${metrics * PRICES.metric:.2f} | {AWS.free_metrics} metrics |",
        f"the sweep's {MONTH_MINUTES:,} runs: Lambda, table, logs | {runs} "
        f"| {AWS.free_gb_seconds:,} GB-seconds, 1 million calls, {AWS.free_logs_gb} GB of logs |",
        f"`provision` warm: {2 * MONTH_MINUTES // WARM_EVERY_MINUTES:,} calls",
        f"(`WARM=false`: none) | {_about(_WARM)} | as above, {AWS.free_decryptions:,} decryptions |",
        f"| 1,000 onboardings | {_about(_ONBOARDINGS)} |",
    ]


_SWEEP = r"^. the sweep, every minute .*?([0-9.]+) .$"
_WARM = r"warm is .([0-9.]+) of it"
_ONBOARDINGS = r"1,000 onboardings.*?together .*?([0-9.]+) .$"


def _measured(pattern: str) -> float:
    """Return dollars that docs/performance.md has measured."""
    found = re.search(pattern, (PROJECT / "docs/performance.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found, pattern
    return float(found[1])


def _about(pattern: str) -> str:
    return f"about ${round(_measured(pattern), 1):.2f}"
