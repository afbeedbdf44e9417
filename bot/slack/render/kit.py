"""Renders what is said about the operator's kit: that it comes, what is in it, and why it did not come."""

from __future__ import annotations

from bot.domain.kit import CONFIG
from bot.kit.entries import SYNCED_ROLES
from bot.settings import Settings
from bot.slack.render.blocks import Message, section
from bot.slack.render.text import Mrkdwn, code, preformatted

_NOT_ALLOWED = {
    *("file_uploads_disabled", "file_uploads_except_images_disabled", "file_type_not_allowed"),
    *("file_upload_size_restricted", "slack_connect_file_upload_sharing_blocked", "ekm_access_denied"),
}
_NO_DIRECT_MESSAGE = {
    *("user_not_found", "user_not_visible", "user_disabled", "cannot_dm_bot", "messages_tab_disabled"),
    *("channel_not_found", "restricted_action", "posting_to_channel_denied", "is_archived"),
}
_ANEW = Mrkdwn("Type the command again in a minute.")


def on_its_way(team: str, settings: Settings) -> Message:
    """Render the answer to the command; of a team, with the line that fetches its kit whenever it is wanted."""
    text = Mrkdwn(
        "📦 I am sending you the kit of {whose} as a direct message: files for the AWS CLI, the browser and a "
        "spreadsheet. If nothing has come after a minute, type the command again."
    ).format(whose=_whose(team))
    blocks = [section(text)]
    if team:
        lines = _KEPT_CURRENT.format(fetch=preformatted(fetch_command(team, settings), _COMMAND_LENGTH))
        blocks.append(section(lines))
    return Message(tuple(blocks), text)


def fetch_command(team: str, settings: Settings) -> str:
    """Return the line that fetches the team's profiles for the AWS CLI, as they are now, from the team's bucket."""
    where = f" --endpoint-url {settings.public_endpoint_url}" if settings.public_endpoint_url else ""
    source = f"s3://{settings.kit_bucket}/{team}/{CONFIG}"
    return f"aws s3 cp --region {settings.region}{where} {source} ~/.aws/switchyard.kit"


def enclosed(team: str, clients: int) -> Mrkdwn:
    """Return the text that comes with the files."""
    lines = [
        Mrkdwn("📦 The kit of {}: {}.").format(_whose(team), _counted(clients)),
        Mrkdwn("• `config`: profiles for the AWS CLI. Its first lines say what to fill in."),
        Mrkdwn("• `extend-switch-roles.ini`: paste it into the browser extension *AWS Extend Switch Roles*.{}").format(
            _LOCAL if clients > SYNCED_ROLES else ""
        ),
        Mrkdwn("• `bookmarks.html`: import it into your browser, for a link per role."),
        Mrkdwn("• `clients.csv`: the list, for a spreadsheet."),
        Mrkdwn("The files give no access by themselves: AWS lets in whoever is in the team's or client's group."),
    ]
    return Mrkdwn("\n").join(lines)


def nobody_in_it(team: str) -> Message:
    """Render that there is nothing to send."""
    return _told(Mrkdwn("There is no kit of {}: nobody has access to any of its clients.").format(_whose(team)))


def not_now() -> Message:
    """Render that the table does not answer."""
    return _told(Mrkdwn("The clients could not be read just now, so no kit was sent. {}").format(_ANEW))


def not_sent(error: str, settings: Settings) -> Message:
    """Render why Slack did not take it, and who mends that; `error` is Slack's name for it, empty for no answer."""
    if error == "missing_scope":
        why = Mrkdwn(
            "The Slack app may not send files or direct messages yet. Whoever runs Switchyard mends that: paste {} "
            "under *App Manifest* and reinstall the app."
        ).format(code(f"build/slack-manifest-{settings.stage}.yml"))
    elif error in _NOT_ALLOWED:
        why = Mrkdwn(
            "This workspace does not allow the app to upload such files ({}). An admin of the workspace can allow it."
        ).format(code(error))
    elif error in _NO_DIRECT_MESSAGE:
        why = Mrkdwn(
            "Slack does not let the app write to you directly ({}). Whoever runs Switchyard, or an admin of the "
            "workspace, can allow it: the app's *Messages* tab must be on, and you must be a full member."
        ).format(code(error))
    else:
        why = _SILENT
    return _told(Mrkdwn("⚠️ Your kit could not be sent. {}").format(why))


_COMMAND_LENGTH = 400
_KEPT_CURRENT = Mrkdwn(
    "It is also kept current in a bucket. Whoever is in the team's group fetches the profiles of that moment with this "
    "line; the other files lie beside it:\n{fetch}"
)
_LOCAL = Mrkdwn(" It holds more than 200 roles: choose *Local* as the extension's *Configuration storage* first.")
_SILENT = Mrkdwn("Slack did not take it just now. If it has not come after a minute, type the command again.")


def _whose(team: str) -> Mrkdwn:
    return Mrkdwn("team {}").format(code(team)) if team else Mrkdwn("all clients")


def _counted(clients: int) -> Mrkdwn:
    return Mrkdwn("one client") if clients == 1 else Mrkdwn("{} clients").format(clients)


def _told(text: Mrkdwn) -> Message:
    return Message((section(text),), text)
