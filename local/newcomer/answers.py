"""What the newcomer knows, types and edits where the page leaves it to its reader."""

import re
from collections.abc import Mapping
from pathlib import Path

from local.demo.places import REGION
from local.slack.workspace import facts

SIGNING_SECRET = facts.SIGNING_SECRET
TYPED = {"Bot User OAuth Token": facts.BOT_TOKEN, "Signing Secret": SIGNING_SECRET}
"""By what a prompt says: what is typed there."""

STAGE_FILE = {
    "AWS_REGION": REGION,
    "SLACK_CHANNEL_ID": facts.ONBOARDING.id,
    "APPROVERS": f"{facts.ADA.id},{facts.APPROVERS_GROUP_ID}",
    "PROVIDER_NAME": "Northwind Operations",
}
"""What the page tells to set in a stage's file."""

EXPECTED = {"curl ": "400"}
"""By how a command begins: what the page says that it prints."""


def edited(text: str, events_url: str = "") -> str:
    """Return what the page shows with our region and our address in it; its account number is the local AWS's."""
    text = re.sub(r"https://\w+\.execute-api\.[\w.-]+/events", events_url, text)
    return text.replace("eu-central-1", REGION)


def edit_stage_file(path: Path, values: Mapping[str, str] = STAGE_FILE) -> None:
    """Set what the page names in a stage's file, where the file has it, commented out or not."""
    text = path.read_text(encoding="utf-8")
    for name, value in values.items():
        text, found = re.subn(rf"(?m)^#?{name}=.*$", f"{name}={value}", text)
        if found != 1:
            raise LookupError(f"{path.name} has {found} lines for {name}, not one")
    path.write_text(text, encoding="utf-8")
