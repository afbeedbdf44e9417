"""A change of what is stored is noticed, so that nobody makes one without thinking of the tables that are out there."""

from __future__ import annotations

import json

import pytest

from bot.aws import records
from bot.aws.clients import AwsClients
from tests.integration.stored import KINDS, SINCE, kind_of, paths_in, paths_of, record_in
from tests.integration.story import TABLES, form


@pytest.mark.safety("A change of the form in which records are stored is noticed", "bot/aws/records.py")
def test_what_is_stored_has_the_form_that_its_number_says(aws: AwsClients, table: str) -> None:
    """Records of released versions lie in tables; see docs/decisions/0027 before you change this file's answer."""
    path = TABLES / f"form_{records.SCHEMA}.json"
    assert path.exists(), "SCHEMA was raised: run `python -m tests.integration.story` and commit the new form"
    assert form(aws.dynamodb, table) == json.loads(path.read_text()), (
        "What is stored has changed. Raise SCHEMA in bot/aws/records.py, see that older records are still read, "
        "and run `python -m tests.integration.story`. Until 0.1.0 is released, the last step alone is enough."
    )


@pytest.mark.safety("A change of the form in which records are stored is noticed", "bot/aws/records.py")
def test_every_field_of_every_record_is_in_the_form() -> None:
    stored = json.loads((TABLES / f"form_{records.SCHEMA}.json").read_text())
    for kind in (*KINDS, *SINCE):
        held = {path for item in stored if kind_of(item) is kind for path in paths_in(record_in(item))}
        assert paths_of(kind) - held == set(), f"give them a value in story.form: {kind.__name__}"
