"""Checks token, scopes, channel and approvers with Slack before a deployment.

Only a definite no of Slack refuses, each with what to do. Whatever else goes wrong is a warning, so that an emergency
deployment works while Slack is down, and with a stand-in that knows only some methods.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.settings import Settings
from deploy.manifest import scopes_asked_for
from deploy.slack_api import Slack, SlackRefused, SlackSilent

_TOKEN_REFUSED = {
    "invalid_auth": "Slack does not know it",
    "not_authed": "it is empty",
    "token_revoked": "it was revoked, or the app was removed from the workspace",
    "token_expired": "it has expired",
    "account_inactive": "the app was removed from the workspace, or the workspace is gone",
    "not_allowed_token_type": "it is no bot token",
    "team_access_not_granted": "the app is not allowed in this workspace",
}
_USER_UNKNOWN = {"user_not_found", "users_not_found"}
_SLACKBOT = "USLACKBOT"
"""Slack's `is_bot` is false for this bot."""


@dataclass
class Findings:
    """The results. `team_id` and `enterprise_id` are the token's; empty when Slack did not name them."""

    team_id: str = ""
    enterprise_id: str = ""
    scopes: frozenset[str] | None = None
    """The token's scopes; None when Slack did not name them."""
    refusals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def check_slack(slack: Slack, settings: Settings) -> Findings:
    """Ask Slack about everything that a deployment relies on. Stops at the first question without any answer."""
    findings = Findings()
    for what, check in _CHECKS:
        try:
            check(slack, settings, findings)
        except SlackSilent as silent:
            findings.warnings.append(
                f"{silent}, so not all of token, channel and approvers could be checked with Slack."
            )
            break
        except SlackRefused as refused:
            if meaning := _TOKEN_REFUSED.get(refused.error):
                findings.refusals.append(
                    f"Slack refuses the bot token in {settings.bot_token_parameter} ({refused.error}: {meaning})."
                    " Install the app (again), and give its Bot User OAuth Token with"
                    f" 'make secrets STAGE={settings.stage}'."
                )
                break
            findings.warnings.append(_not_checked(what, refused))
    return findings


def _check_token(slack: Slack, settings: Settings, findings: Findings) -> None:
    answer = slack.ask("auth.test")
    findings.team_id = _id(answer.content.get("team_id"), "[TE]")
    findings.enterprise_id = _id(answer.content.get("enterprise_id"), "E")
    findings.scopes = answer.scopes
    if answer.scopes is None:
        findings.warnings.append("Slack did not say which scopes the app has, so they could not be checked.")
    elif lacking := [scope for scope in scopes_asked_for() if scope not in answer.scopes]:
        findings.warnings.append(
            f"The Slack app lacks {', '.join(lacking)}. Paste build/slack-manifest-{settings.stage}.yml (make deploy"
            " writes it) under App Manifest and reinstall the app. slack-manifest.yml says what each scope is for."
        )
    organization = settings.workspaces.organization or (
        findings.team_id if not settings.workspaces.teams and findings.team_id.startswith("E") else ""
    )
    if organization and findings.scopes is not None and "users:read" not in findings.scopes:
        findings.refusals.append(
            f"SLACK_TEAM_ID={organization} needs the scope users:read, and the app lacks it: nobody could use"
            " Switchyard. Add the scope, reinstall the app and deploy again."
        )


def _check_channel(slack: Slack, settings: Settings, findings: Findings) -> None:
    channel_id = settings.channel_id
    try:
        channel = slack.ask("conversations.info", channel=channel_id).content.get("channel")
    except SlackRefused as refused:
        if refused.error == "channel_not_found":
            _note_unknown_channel(channel_id, findings)
            return
        if refused.error != "not_in_channel":
            raise
        channel = {"is_member": False}
    if not isinstance(channel, Mapping):
        findings.warnings.append("Slack's answer says nothing about the channel, so it could not be checked.")
    elif channel.get("is_archived") is True:
        findings.refusals.append(
            f"The channel {channel_id} is archived. Unarchive it, or set SLACK_CHANNEL_ID to another one."
        )
    elif channel.get("is_member") is False:
        findings.refusals.append(f"The app is not in the channel {channel_id}. Type /invite @Switchyard there.")


def _note_unknown_channel(channel_id: str, findings: Findings) -> None:
    """Refuse, unless it may be a private channel that the app can't look at: that takes a scope of its own."""
    if findings.scopes is not None and "groups:read" not in findings.scopes:
        findings.warnings.append(
            f"The app can't see the channel {channel_id}: it does not exist, or it is private and the app lacks"
            " groups:read."
        )
        return
    findings.refusals.append(
        f"The app can't see the channel {channel_id} (channel_not_found). Check SLACK_CHANNEL_ID. If the channel is"
        " private, type /invite @Switchyard there."
    )


def _check_groups(slack: Slack, settings: Settings, findings: Findings) -> None:
    wanted = dict.fromkeys(settings.approvers.groups)
    if not wanted:
        return
    listed = slack.ask("usergroups.list", include_disabled="true").content.get("usergroups")
    if not isinstance(listed, list):
        findings.warnings.append("Slack's answer lists no user groups, so they could not be checked.")
        return
    known = {group.get("id"): group for group in listed if isinstance(group, Mapping)}
    for group_id in wanted:
        if group_id not in known:
            findings.refusals.append(
                f"The workspace has no user group {group_id}. Remove it from APPROVERS, or correct the id."
            )
        elif known[group_id].get("date_delete"):
            findings.refusals.append(
                f"The user group {group_id} is disabled. Enable it in Slack, or remove it from APPROVERS."
            )


def _check_users(slack: Slack, settings: Settings, findings: Findings) -> None:
    for user_id in dict.fromkeys(settings.approvers.users):
        try:
            user = slack.ask("users.info", user=user_id).content.get("user")
        except SlackRefused as refused:
            if refused.error not in _USER_UNKNOWN:
                raise
            found = f"Slack knows no user {user_id} ({refused.error})"
        else:
            found = _why_no_approver(user_id, user, findings)
        if found:
            findings.refusals.append(f"{found}. Remove the id from APPROVERS, or correct it.")


def _why_no_approver(user_id: str, user: Any, findings: Findings) -> str:
    """Return why this user can't approve anything; empty if nothing prevents it."""
    if not isinstance(user, Mapping):
        findings.warnings.append(f"Slack's answer says nothing about {user_id}, so the user could not be checked.")
    elif user.get("deleted") is True:
        return f"The user {user_id} is deactivated in Slack"
    elif user.get("is_bot") is True or user_id == _SLACKBOT:
        return f"The user {user_id} is a bot, which can't approve"
    return ""


def _not_checked(what: str, refused: SlackRefused) -> str:
    if refused.error == "missing_scope":
        lacking = refused.needed or "a scope"
        return f"The {what} could not be checked with Slack: the app lacks {lacking}."
    return f"The {what} could not be checked with Slack: it answered {refused.error}."


def _id(said: Any, initial: str) -> str:
    return said if isinstance(said, str) and re.fullmatch(rf"{initial}[A-Z0-9]{{2,}}", said, re.ASCII) else ""


_CHECKS = (
    ("token", _check_token),
    ("channel", _check_channel),
    ("user groups", _check_groups),
    ("users", _check_users),
)
