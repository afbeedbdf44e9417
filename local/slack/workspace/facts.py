"""Who and what exists in the local workspace: fixed ids, so that demo, tests and documentation can name them.

Ids look like Slack's (`T…` workspace, `C…` channel, `U…` person, `S…` user group, `B…` bot, `A…` app).
"""

from dataclasses import dataclass

TEAM_ID = "T0SWITCHYARD"
TEAM_NAME = "Switchyard demo"
TEAM_DOMAIN = "switchyard-demo"
APP_ID = "A0SWITCHYARD"
BOT_ID = "B0SWITCHYARD"
BOT_USER_ID = "U0SWITCHYARD"
BOT_NAME = "Switchyard"
SLACKBOT_ID = "USLACKBOT"

BOT_TOKEN = "xoxb-local-switchyard"
APP_TOKEN = "xapp-1-A0SWITCHYARD-local"
SIGNING_SECRET = "10ca110ca110ca110ca110ca110ca100"
VERIFICATION_TOKEN = "local-verification-token"

SCOPES = (
    "commands",
    "chat:write",
    "usergroups:read",
    "channels:history",
    "groups:history",
    "channels:read",
    "groups:read",
    "users:read",
    "files:write",
    "im:write",
)
"""What slack-manifest.yml asks for, in its order."""
COMMANDS = ("/clients",)


@dataclass(frozen=True)
class Person:
    """A human who can act; `team_id` differs from ours for a guest of a shared channel."""

    id: str
    name: str
    username: str
    title: str = ""
    team_id: str = TEAM_ID


@dataclass(frozen=True)
class Channel:
    """A channel, or the direct message between the app and a person.

    The app can only post where it is a member, and doesn't even see a private channel elsewhere.
    """

    id: str
    name: str
    topic: str
    app_is_member: bool
    members: tuple[str, ...]
    is_private: bool = False
    is_direct: bool = False


ADA = Person("U0ADA", "Ada", "ada", "approver")
BEA = Person("U0BEA", "Bea", "bea", "approver")
OLLI = Person("U0OLLI", "Olli", "olli", "operator, not an approver")
EVE = Person("U0EVE", "Eve", "eve", "guest from another workspace", team_id="T0ELSEWHERE")
PEOPLE = {person.id: person for person in (ADA, BEA, OLLI, EVE)}

ONBOARDING = Channel(
    "C0ONBOARDING",
    "onboarding",
    "Client accounts: requests arrive here, approvers decide",
    app_is_member=True,
    members=(ADA.id, BEA.id, OLLI.id, EVE.id, BOT_USER_ID),
)
RANDOM = Channel("C0RANDOM", "random", "A channel the app was never invited to", app_is_member=False, members=(ADA.id,))
BOARD = Channel(
    "C0BOARD", "board", "Private, and the app is not in it", app_is_member=False, members=(ADA.id,), is_private=True
)
CHANNELS = {channel.id: channel for channel in (ONBOARDING, RANDOM, BOARD)}

APPROVERS_GROUP_ID = "S0APPROVERS"
APPROVERS_GROUP_HANDLE = "approvers"
APPROVERS_GROUP_NAME = "Approvers"


def direct_message(person: Person) -> Channel:
    """Return the direct message between the app and this person; its name is what Slack says in commands sent there."""
    return Channel(f"D0APP{person.id}", "directmessage", "", True, (person.id, BOT_USER_ID), True, True)
