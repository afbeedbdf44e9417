"""What a client's security officer is sent: whole, leading nowhere else, and with the templates that clients deploy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.handout import PAGES, write_handout
from deploy.packaging import PROJECT
from deploy.rendering import CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY
from tests.unit.deploy.account import account
from tests.unit.deploy.world import World, deploy, slack, world
from tests.unit.pages.test_named_paths import headings

__all__ = ["account", "slack", "world"]

TEMPLATES = {
    "clients/switchyard-client.yaml": b"parent",
    "clients/switchyard-access-role-0123456789abcdef.yaml": b"child",
}


def test_a_deployment_writes_it_with_the_templates_that_clients_read(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(world)
    folder = world.project / "build" / "for-clients-demo"
    told = {one.name: one.read_bytes() for one in folder.iterdir()}
    for key in (CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY):
        assert told[Path(key).name] in world.read.values()
    assert told.keys() - {"switchyard-client.yaml", "switchyard-client-flat.yaml"} == {
        "switchyard-access-role.yaml",
        *PAGES.values(),
    }
    assert "security officer: build/for-clients-demo/" in capsys.readouterr().err


def test_what_cannot_be_written_stops_no_deployment(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    (world.project / "build").write_text("in the way")
    assert deploy(world)["stage"] == "demo"
    assert "security officer is sent could not be written (Not a directory)" in capsys.readouterr().err


def test_it_leads_to_nothing_that_does_not_go_along(tmp_path: Path) -> None:
    folder = tmp_path / write_handout("prod", TEMPLATES, tmp_path)
    for page in PAGES.values():
        for target, part in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", (folder / page).read_text()):
            if "://" not in target:
                led_to = folder / target if target else folder / page
                assert led_to.is_file() and (not part or part in headings(led_to)), (page, target, part)
    assert "[SECURITY.md](reporting.md)" in (folder / "for-clients.md").read_text()


def test_the_words_of_other_links_stay(tmp_path: Path) -> None:
    folder = tmp_path / write_handout("prod", TEMPLATES, tmp_path)
    before, after = (PROJECT / "docs/security.md").read_text(), (folder / "security.md").read_text()
    words = re.compile(r"\[([^\]]+)\]\([^)]*\)")
    assert words.sub(r"\1", before) == words.sub(r"\1", after)
