"""Every environment variable of the Lambdas, one row each: whose it is, its form, its meaning, its default, and which
change of it weakens the deployment.

bot/settings.py reads the Lambdas' environment by this table; deploy/ fills it in, compares and explains by it.
`tests/unit/domain/test_variables.py` names every other place that a new row needs: serverless.yml,
stages/example.env and the table in docs/operating.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from bot.domain.record import Record


class Origin(Enum):
    """Where a Lambda's variable comes from."""

    GIVEN = auto()
    """Whoever deploys gives it, in the environment or in the stage's file."""
    DEPLOYMENT = auto()
    """`make deploy` works it out and hands it to serverless.yml."""
    STACK = auto()
    """serverless.yml works it out."""
    RUNTIME = auto()
    """Lambda itself sets it."""


class Weakened(Enum):
    """Which change lets more happen than before. It needs ACCEPT_CHANGES=true."""

    BY_ANY_CHANGE = auto()
    BY_MORE_IDS = auto()
    """Comma-separated ids: one more."""
    BY_A_LOWER_COUNT = auto()
    """Counts by name, such as Administrator=2; a name that is not listed counts 1."""
    BY_A_HIGHER_NUMBER = auto()
    BY_SWITCHING_OFF = auto()
    BY_NOTHING = auto()
    """It is shown, and stops nothing."""


class Variable(Record):
    """A row. `form` is a regular expression, `in_words` the same for people; neither is given where a parser says more.

    `meaning` is for people, as Markdown: `make deploy`'s help, the example file and docs/operating.md show it.
    """

    name: str
    meaning: str
    form: str = ".*"
    in_words: str = ""
    origin: Origin = Origin.GIVEN
    weakened: Weakened = Weakened.BY_NOTHING
    default: str = ""
    unset: str = ""
    """What it means when it is not set and has no default."""
    needed: bool = False
    """Whether a Lambda refuses to work without it."""
    empty: str = ""
    """What it means when it is set and blank; empty where that is the same as not set."""

    def given_in(self, environment: Mapping[str, str]) -> str:
        """Return the value that is given there; nothing when none is."""
        return environment.get(self.name, "").strip() or (self.empty if self.name in environment else "")


_SWITCH = ("(?i:true|false)", "true or false")
_NUMBER = ("[1-9][0-9]{0,3}", "a whole number from 1 to 9999")
_URL = r"https?://\S+"
NO_TEAM = "none"
"""As TEAMS: there are no teams."""
_TEAM = rf"(?!{NO_TEAM}\b)[a-z][a-z0-9]{{0,19}}"

GIVEN = (
    Variable(
        "SLACK_CHANNEL_ID",
        "the channel where requests are decided; the app must be in it",
        r"[CG][A-Z0-9]{2,}",
        "a channel's id (C…), to be found at the end of its details in Slack",
        weakened=Weakened.BY_ANY_CHANGE,
        needed=True,
    ),
    Variable(
        "APPROVERS",
        "comma-separated Slack user ids (`U…`, `W…`) and user group ids (`S…`). A list that could never reach the"
        " approvals asked for below is refused",
        weakened=Weakened.BY_MORE_IDS,
        unset="nobody",
    ),
    Variable(
        "SLACK_TEAM_ID",
        "your workspace's id (`T…`), several divided by commas, or the id of your Enterprise Grid organization (`E…`)."
        " With `E…` each press and command asks Slack for the person (`users.info`, scope `users:read`). That follows"
        " Slack's documentation; no real Grid was seen",
        weakened=Weakened.BY_MORE_IDS,
        unset="the bot token's workspace",
    ),
    Variable(
        "REQUIRE_TWO_PEOPLE",
        "`true`: whoever invited a client can't approve Administrator access for it, somebody else has to. A client"
        " that raises the level of a role it has got approved does so on its own (see docs/security.md)",
        *_SWITCH,
        weakened=Weakened.BY_SWITCHING_OFF,
        default="false",
    ),
    Variable(
        "APPROVALS_NEEDED",
        "`Administrator=2,PowerUser=1`: how many different people have to approve; removing takes one. Who is no"
        " approver any more when the last one presses does not count",
        weakened=Weakened.BY_A_LOWER_COUNT,
        unset="one for each level",
    ),
    Variable(
        "ASK_DENY_REASON",
        "`true`: Deny opens a window that asks for a reason; the message and `/clients history` show it. Off, a press"
        " on Deny denies at once",
        *_SWITCH,
        weakened=Weakened.BY_SWITCHING_OFF,
        default="false",
    ),
    Variable(
        "TEAMS",
        "comma-separated names of teams: approving a client lets its teams' people in. `none`, or an empty value: no"
        " teams, each client has its own group only. A team that still has clients can't be dropped; `/clients teams"
        " remove <team>` empties it first",
        rf"{NO_TEAM}|{_TEAM}(\s*,\s*{_TEAM})*",
        f"{NO_TEAM}, or names divided by commas, each of 1 to 20 lower-case letters and digits, the first a letter",
        weakened=Weakened.BY_MORE_IDS,
        default="operators",
        empty=NO_TEAM,
    ),
    Variable(
        "CLIENT_GROUPS",
        "`off`: approving makes no IAM group for the client alone, only its teams' people get in. Groups that are there"
        " stay until their client leaves",
        "(?i:on|off)",
        "on or off",
        default="on",
    ),
    Variable(
        "PROVIDER_NAME",
        "your company's name, at most 64 characters: the text for a client says with it who asks, beside your account"
        " id",
        default="your provider",
    ),
    Variable(
        "REMIND_AFTER_HOURS",
        "when a waiting request's thread mentions the approvers first; then whenever it has waited twice as long",
        *_NUMBER,
        weakened=Weakened.BY_A_HIGHER_NUMBER,
        default="4",
    ),
    Variable(
        "EXPIRE_AFTER_DAYS",
        "after how long a request expires; Reopen asks again",
        *_NUMBER,
        weakened=Weakened.BY_A_HIGHER_NUMBER,
        default="7",
    ),
    Variable(
        "WARM",
        "`true`: a schedule keeps the functions `slack` and `provision` warm, so that the first press of a quiet day is"
        " answered as fast as any other. It costs some cents a month (see Costs)",
        *_SWITCH,
        default="true",
    ),
    Variable(
        "SLACK_API_URL",
        "where Slack's API is, for a stand-in of Slack; ends with `/`. The bot's token is sent there",
        r"https?://[^\s/]+/(\S+/)?",
        "a URL that ends with /, such as https://slack.com/api/",
        weakened=Weakened.BY_ANY_CHANGE,
        default="https://slack.com/api/",
        needed=True,
    ),
)
"""What whoever deploys decides. The order is that of the help, the example file and docs/operating.md."""

WORKED_OUT = (
    Variable("STAGE", "", "[a-z0-9]{1,12}", "1 to 12 lower-case letters and digits", Origin.STACK, needed=True),
    Variable("TABLE_NAME", "", r"[A-Za-z0-9_.-]{3,255}", "the name of the table", Origin.STACK, needed=True),
    Variable("PROVIDER_ACCOUNT_ID", "", r"\d{12}", "an AWS account id of 12 digits", Origin.STACK, needed=True),
    Variable("PARTITION", "", "aws|aws-cn|aws-us-gov", "one of aws, aws-cn, aws-us-gov", Origin.STACK, needed=True),
    Variable(
        "GROUP_ROLE_ARN",
        "",
        r"arn:\S+:iam::\d{12}:role/\S+",
        "the ARN of the service role of client-group stacks",
        Origin.STACK,
        needed=True,
    ),
    Variable(
        "TEAM_ROLE_ARN",
        "",
        r"arn:\S+:iam::\d{12}:role/\S+",
        "the ARN of the service role of teams' stacks",
        Origin.STACK,
        needed=True,
    ),
    Variable("PROVISION_FUNCTION", "", r"\S+", "the name of the provision function", Origin.STACK, needed=True),
    Variable("CLIENT_TEMPLATE_URL", "", _URL, "the URL of the clients' template", Origin.DEPLOYMENT, needed=True),
    Variable("GROUP_TEMPLATE_URL", "", _URL, "the URL of the client-group template", Origin.DEPLOYMENT, needed=True),
    Variable(
        "TEAM_PAGE_TEMPLATE_URL", "", _URL, "the URL of the template of teams' pages", Origin.DEPLOYMENT, needed=True
    ),
    Variable(
        "PUBLIC_ENDPOINT_URL",
        "",
        _URL,
        "the address of AWS for people, when it is not AWS's own",
        Origin.DEPLOYMENT,
        weakened=Weakened.BY_ANY_CHANGE,
    ),
    Variable("SECRETS_VERSION", "changes with a rotated secret; no Lambda reads it", origin=Origin.DEPLOYMENT),
    Variable(
        "AWS_REGION", "", r"[a-z]{2}(-[a-z]+)+-\d", "an AWS region such as eu-central-1", Origin.RUNTIME, needed=True
    ),
)
"""What follows from the stage, the account and what is deployed. Nobody gives it by hand."""

VARIABLES = GIVEN + WORKED_OUT
