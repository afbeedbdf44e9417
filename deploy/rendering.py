"""Renders the CloudFormation templates that are published: what a client deploys, and the client-group template.

Only the provider's own constants are rendered (checked here, strictly); what a client chooses enters CloudFormation as
parameters. The templates are YAML full of `${}`, so Jinja2 uses `<< >>` here. Pure functions: nothing here calls AWS.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

SOURCES = Path(__file__).resolve().parent.parent / "client-templates"
CLIENT_TEMPLATE_KEY = "clients/switchyard-client.yaml"
FLAT_TEMPLATE_KEY = "clients/switchyard-client-flat.yaml"
"""The same in one stack, for StackSets."""
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class BadConstant(ValueError):
    """A constant of ours that must not be rendered; the message says which and what it should look like."""


@dataclass(frozen=True)
class ClientConstants:
    """What every client's stack must know about the provider.

    `templates_url` is the address of the template bucket; a template's address is `<templates_url>/<key>`.
    """

    provider_account: str
    events_url: str
    audience: str
    templates_url: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{12}", self.provider_account):
            raise BadConstant(f"The provider account must have 12 digits, not be {self.provider_account!r}.")
        audience = re.fullmatch(r"switchyard/[a-z0-9]{1,12}/([0-9]{12})", self.audience)
        if not audience or audience[1] != self.provider_account:
            expected = f"switchyard/<stage>/{self.provider_account}"
            raise BadConstant(f"The audience must be {expected}, not {self.audience!r}.")
        _check_url("events URL", self.events_url)
        _check_url("templates URL", self.templates_url)


def render_client_templates(constants: ClientConstants) -> dict[str, bytes]:
    """Return what goes to the clients' prefix of the template bucket, by key. The parent pins the child's content."""
    known = {
        "provider_account": constants.provider_account,
        "events_url": constants.events_url,
        "audience": constants.audience,
        "forwarder_source": forwarder_source(),
    }
    child = _render("switchyard-access-role.yaml.j2", known)
    child_key = _pinned_key("clients/switchyard-access-role", child)
    child_url = f"{constants.templates_url.rstrip('/')}/{child_key}"
    return {
        CLIENT_TEMPLATE_KEY: _render("switchyard-client.yaml.j2", {**known, "child_url": child_url}),
        FLAT_TEMPLATE_KEY: _render("switchyard-client-flat.yaml.j2", known),
        child_key: child,
    }


def forwarder_source() -> str:
    """Return the forwarder as Lambda's inline code, which is a single file: the messenger, then what imports it."""
    messenger = (SOURCES / "messenger.py").read_text(encoding="utf-8")
    forwarder = (SOURCES / "forwarder.py").read_text(encoding="utf-8")
    before, after = re.split(r"^from messenger import .*\n", forwarder, flags=re.MULTILINE)
    return f"{messenger}\n\n{before}{after}"


def group_template() -> tuple[str, bytes]:
    """Return key and content of the client-group template; the key carries its hash, so a policy can pin it."""
    content = (SOURCES / "client-group.yaml").read_bytes()
    return _pinned_key("provider/client-group", content), content


def page_template() -> tuple[str, bytes]:
    """Return the same of the template of teams' pages."""
    content = (SOURCES / "team-page.yaml").read_bytes()
    return _pinned_key("provider/team-page", content), content


def _render(source: str, values: Mapping[str, str]) -> bytes:
    environment = Environment(
        loader=FileSystemLoader(SOURCES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - YAML, not HTML, and every value is checked above
        keep_trailing_newline=True,
        trim_blocks=True,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    return environment.get_template(source).render(values).encode()


def _pinned_key(stem: str, content: bytes) -> str:
    return f"{stem}-{hashlib.sha256(content).hexdigest()[:16]}.yaml"


def _check_url(name: str, url: str) -> None:
    parts = urlsplit(url)
    plain = re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~$/-]*)?", url)
    secure = parts.scheme == "https" or parts.hostname in LOOPBACK
    if not plain or not parts.hostname or not secure:
        raise BadConstant(
            f"The {name} must be a plain https URL (or http to 127.0.0.1) without query or credentials, not {url!r}."
        )
