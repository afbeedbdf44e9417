"""The files of a kit, read by those who read them: botocore, the browser extension, a browser, a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from botocore.configloader import load_config
from hypothesis import HealthCheck, given, settings

from bot.domain.spelling import one_line
from bot.kit.entries import SYNCED_ROLES, Entry
from bot.kit.files import files
from bot.kit.table import COLUMNS, cell
from tests.proving import amount
from tests.unit.kit.hostile import KITS
from tests.unit.kit.samples import entries, one
from tests.unit.slack.samples import SETTINGS

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
DEVICE = "arn:aws:iam::111111111111:mfa/YOUR_DEVICE"
IN_PROFILE = {"role_arn", "region", "source_profile", "mfa_serial", "duration_seconds"}
hostile = settings(
    max_examples=amount(25, 1000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def text_of(name: str, kit: list[Entry]) -> str:
    return next(file.text for file in files(kit, SETTINGS) if file.name == name)


def botocore_reads(text: str, folder: Path) -> dict[str, Any]:
    """What the AWS CLI makes of it, on a computer whose encoding knows nothing but ASCII."""
    (folder / "config").write_text(text, encoding="ascii")
    found: dict[str, Any] = load_config(str(folder / "config"))
    assert found.keys() == {"profiles", "sso_sessions", "services"}, "there is a section that is no profile"
    assert not found["sso_sessions"] and not found["services"]
    profiles: dict[str, Any] = found["profiles"]
    return profiles


@pytest.mark.safety("botocore reads every profile of a kit, and nothing but these", "bot/kit/files.py")
@hostile
@given(KITS)
def test_botocore_reads_every_profile_and_nothing_else(tmp_path: Path, kit: list[Entry]) -> None:
    profiles = botocore_reads(text_of("config", kit), tmp_path)

    assert {one["role_arn"] for one in profiles.values()} == {one.role_arn for one in kit}
    for profile in profiles.values():
        assert profile.keys() <= IN_PROFILE
        assert profile["source_profile"] in ("YOUR_PROFILE", "YOUR_SSO_PROFILE")
    for client in kit:
        read = profiles[client.profile]
        assert read["role_arn"] == client.role_arn
        assert read["role_arn"].split(":")[4] == client.account_id
        needed = {other.needs_mfa for other in kit if other.profile == client.profile}
        assert ("mfa_serial" in read) in needed
        assert read.get("mfa_serial", DEVICE) == DEVICE


def extension_reads(text: str) -> dict[str, dict[str, str]]:
    """What the browser extension makes of it, by the rules of its parser (github.com/tilfinltd/aesr-config)."""
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] | None = None
    for line in re.split(r"\r\n|\r|\n", text):
        kept = re.sub(r"[;#][^\n\r\u2028\u2029]*$", "", line).strip()
        if not kept:
            continue
        if section := re.fullmatch(r"\[(.+)\]", kept):
            assert section[1] not in sections
            current = sections.setdefault(section[1].strip(), {})
            continue
        assert current is not None
        name, value = (part.strip() for part in kept.split("=")[:2])
        assert value and name not in current
        current[name] = value
    return sections


@pytest.mark.safety("What the browser extension would misread is not pasted into it", "bot/kit/files.py")
@hostile
@given(KITS)
def test_the_extension_reads_every_role_that_it_can(kit: list[Entry]) -> None:
    roles = extension_reads(text_of("extend-switch-roles.ini", kit))
    readable = {one.profile: one for one in kit if "=" not in one.role_name}

    assert roles.keys() == {f"profile {name}" for name in readable}
    for name, client in readable.items():
        read = roles[f"profile {name}"]
        assert read.keys() == {"aws_account_id", "role_name", "region", "color"}
        assert (read["aws_account_id"], read["role_name"]) == (client.account_id, client.role_name)


class Bookmarks(HTMLParser):
    """What a browser finds in the file: its links with their names, and every kind of tag."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.tags: set[str] = set()
        self._url: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "a":
            [(name, self._url)] = attrs
            assert name == "href"
            self.links.append((self._url or "", ""))

    def handle_endtag(self, tag: str) -> None:
        self._url = None if tag == "a" else self._url

    def handle_data(self, data: str) -> None:
        if self._url is not None:
            self.links[-1] = (self._url, self.links[-1][1] + data)


@pytest.mark.safety("A name can't put a tag or a link into the bookmarks", "bot/templates/__init__.py")
@hostile
@given(KITS)
def test_a_browser_imports_one_link_per_role_and_no_other_tag(kit: list[Entry]) -> None:
    found = Bookmarks()
    found.feed(text_of("bookmarks.html", kit))
    found.close()

    assert found.tags == {"meta", "title", "h1", "dl", "p", "dt", "h3", "a"}
    named = {(one.url, f"{one_line(one.display_name)} ({one.account_id})") for one in kit}
    assert set(found.links) <= named
    assert len(found.links) == len({one.profile for one in kit})
    assert all(url.startswith("https://signin.aws.amazon.com/switchrole?account=") for url, _ in found.links)


def table_of(kit: list[Entry], **how: Any) -> list[list[str]]:
    return [*csv.reader(io.StringIO(text_of("clients.csv", kit).removeprefix("\ufeff"), newline=""), **how)]


@pytest.mark.safety("No cell of a kit's table is a formula, whatever a client is called", "bot/kit/table.py")
@hostile
@given(KITS)
def test_no_formula_survives_however_a_spreadsheet_divides_the_table(kit: list[Entry]) -> None:
    ways: list[dict[str, Any]] = [{}, {"delimiter": ";"}, {"delimiter": "\t"}, {"quoting": csv.QUOTE_NONE}]
    for how in ways:
        for value in (value for row in table_of(kit, **how) for value in row):
            assert not value.strip(' "').startswith(FORMULA), how
            assert not value.startswith(FORMULA), how


@hostile
@given(KITS)
def test_the_table_has_a_row_per_role_with_its_account_and_arn(kit: list[Entry]) -> None:
    """The ARN is exact, but for an apostrophe in a role's name such as `a,=b`; no role's own name can hold one."""
    head, *rows = table_of(kit)

    assert tuple(head) == COLUMNS
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert {row[COLUMNS.index("Role ARN")].replace("'", "") for row in rows} == {one.role_arn for one in kit}
    assert {row[COLUMNS.index("AWS account")] for row in rows} == {one.account_id for one in kit}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Acme", "Acme"),
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("@SUM(1)", "'@SUM(1)"),
        ("-1", "'-1"),
        ("\t=1", "'=1"),
        ("Acme;=1", "Acme;'=1"),
        ("Acme; =1;-2", "Acme; '=1;'-2"),
        ("\uff1d1", "'\uff1d1"),
        ("A-B & C+D", "A-B & C+D"),
    ],
)
def test_a_cell_that_would_be_a_formula_is_text(value: str, shown: str) -> None:
    assert cell(value) == shown


@hostile
@given(KITS)
def test_the_same_clients_in_any_order_make_the_same_files(kit: list[Entry]) -> None:
    assert [*map(vars, files(kit, SETTINGS))] == [*map(vars, files(kit[::-1], SETTINGS))]


def test_two_clients_with_one_role_and_one_name_make_one_profile(tmp_path: Path) -> None:
    twice = [one(), one(), one(company="Another")]
    assert len(botocore_reads(text_of("config", twice), tmp_path)) == 2


@pytest.mark.safety("botocore reads every profile of a kit, and nothing but these", "bot/kit/files.py")
def test_a_role_that_is_called_like_anothers_profile_of_identity_center_is_no_second_one(tmp_path: Path) -> None:
    open_to_all: dict[str, Any] = {"teams": ("operators",), "mfa": False}
    profiles = botocore_reads(
        text_of("config", [one(role="ops", **open_to_all), one(role="ops-sso", **open_to_all)]), tmp_path
    )
    assert profiles["acme-222222222222-ops-sso"]["role_arn"].endswith("role/ops-sso")
    assert profiles["acme-222222222222-ops-sso-sso"]["source_profile"] == "YOUR_SSO_PROFILE"
    assert len(profiles) == 3


@pytest.mark.parametrize(
    ("facts", "has"),
    [({"teams": ("operators",), "mfa": False}, True), ({"teams": ("operators",)}, False), ({"mfa": False}, False)],
)
def test_people_of_identity_center_have_a_profile_where_they_can_get_in(
    tmp_path: Path, facts: dict[str, Any], has: bool
) -> None:
    profiles = botocore_reads(text_of("config", [one(**facts)]), tmp_path)
    chained = profiles.get("acme-222222222222-ops-sso")
    assert (chained is not None) is has
    assert chained is None or (chained["duration_seconds"], "mfa_serial" in chained) == ("3600", False)


@pytest.mark.parametrize(("roles", "says"), [(SYNCED_ROLES, False), (SYNCED_ROLES + 1, True)])
def test_beyond_what_browsers_synchronize_the_extensions_file_names_the_local_storage(roles: int, says: bool) -> None:
    assert ('choose "Local"' in text_of("extend-switch-roles.ini", entries(roles))) is says


def test_the_label_is_in_the_names_by_which_people_find_a_role(tmp_path: Path) -> None:
    labelled = one(label="Production EU")
    assert labelled.display_name == "Acme Production EU ReadOnly"
    assert list(botocore_reads(text_of("config", [labelled]), tmp_path)) == ["acme-production-eu-222222222222-ops"]
    long = one(company="A" * 64, label="production " * 9)
    assert len(long.display_name) <= 64
    assert long.display_name.endswith("A production production pr ReadOnly")
