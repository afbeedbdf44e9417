"""The inline policy by which a team's groups read the team's kit, as client-templates/team-page.yaml makes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.aws.comparing import in_words
from bot.aws.groups import Groups
from bot.domain.model import Difference
from bot.domain.vocabulary import Remedy
from bot.settings import Settings

NAME = "read-kit"
"""The name in the template."""


def document(settings: Settings, team: str) -> dict[str, Any]:
    """Return what the policy says: read the team's own objects, and list them."""
    bucket, ours = f"arn:{settings.partition}:s3:::{settings.kit_bucket}", settings.provider_account_id
    in_our_account = {"aws:ResourceAccount": ours}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": f"{bucket}/{team}/*",
                "Condition": {"StringEquals": in_our_account},
            },
            {
                "Effect": "Allow",
                "Action": "s3:ListBucket",
                "Resource": bucket,
                "Condition": {"StringEquals": {**in_our_account, "s3:prefix": f"{team}/"}},
            },
        ],
    }


def differences(settings: Settings, groups: Groups, group: str, team: str, inline: list[str]) -> Iterator[Difference]:
    """Yield what is not as wanted of the policy; `inline` are the group's inline policies. Raises as `Groups`.

    An update of the page's stack does not write it, since the template has not changed: a person has to.
    """
    wanted = document(settings, team)
    command = (
        f"aws iam put-group-policy --group-name {group} --policy-name {NAME} --policy-document "
        f"'{json.dumps(wanted, separators=(',', ':'))}'"
    )
    if NAME not in inline:
        text = f"The policy {NAME} of the group {group} is deleted, so its members can't fetch the team's kit."
        yield Difference(Remedy.BY_HAND, f"{text} Put it back: {command}")
        return
    found = groups.inline_policy(group, NAME)
    if _comparable(found) != _comparable(wanted):
        text = f"The policy {NAME} of the group {group} was changed. It should only let members read the team's kit."
        yield Difference(Remedy.BY_HAND, f"{text} Now it says: {in_words(found)}. Put it back: {command}")


def _comparable(node: Any) -> Any:
    """Return a policy's document in a form in which one value and a list of that one are the same."""
    if isinstance(node, dict):
        return {key: _comparable(value) for key, value in node.items() if key not in ("Sid", "Id")}
    several = node if isinstance(node, list) else [node]
    return sorted((one if isinstance(one, str) else _comparable(one) for one in several), key=repr)
