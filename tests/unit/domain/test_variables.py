"""Each place that has to know of a variable is compared with the table in bot/domain/variables.py.

To add a setting: one row there; then, as this file says, its field in `Settings`, its line in serverless.yml, and what
`python -m deploy.setting_texts` prints in stages/example.env and docs/operating.md.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.domain.errors import SettingsInvalid
from bot.domain.variables import GIVEN, VARIABLES, Origin, Variable
from bot.settings import _CONSOLES, Settings
from deploy.deployment import lambda_environment
from deploy.preflight import check_settings, function_environment
from deploy.setting_texts import example_file, help_on_settings, page_rows
from deploy.stage_file import read_stage_file
from tests.unit.deploy.account import HERE
from tests.unit.domain.test_rules import ENVIRONMENT
from tests.unit.pages.test_operating_page import PAGE

PROJECT = Path(__file__).parents[3]
NEEDED = {"SLACK_CHANNEL_ID": "C0ONBOARDING"}


def of(*origins: Origin) -> set[str]:
    return {one.name for one in VARIABLES if one.origin in origins}


def test_serverless_yml_gives_the_lambdas_what_the_table_says() -> None:
    [block] = re.findall(r"^  environment:\n((?:    .*\n)+)", (PROJECT / "serverless.yml").read_text(), re.MULTILINE)
    written = dict(re.findall(r"^    (\w+): (.*)$", block, re.MULTILINE))

    assert set(written) == set(of(*Origin)) - of(Origin.RUNTIME)
    handed_over = {name for name, value in written.items() if re.match(rf"\$\{{env:{name}\b", value)}
    assert handed_over == of(Origin.GIVEN, Origin.DEPLOYMENT)


def test_a_deployment_hands_over_every_setting_and_gives_its_default() -> None:
    variables = lambda_environment(HERE, "key", "key", {})

    assert set(variables) | {"SECRETS_VERSION"} == of(Origin.GIVEN, Origin.DEPLOYMENT)
    assert {name: variables[name] for name in of(Origin.GIVEN)} == {one.name: one.default for one in GIVEN}
    given = {one.name: f" {one.name} " for one in GIVEN}
    assert lambda_environment(HERE, "key", "key", given).items() >= {name: name for name in given}.items()


def test_the_preflight_reads_what_the_lambdas_will() -> None:
    environment = function_environment(
        HERE, lambda_environment(HERE, "key", "key", NEEDED) | {"SECRETS_VERSION": "1-1"}
    )

    assert set(environment) == set(of(*Origin)) - of(Origin.RUNTIME)


def test_a_lambda_and_a_deployment_know_the_same_defaults() -> None:
    bare = {name: value for name, value in ENVIRONMENT.items() if name not in of(Origin.GIVEN)}
    needed = {one.name: one.default or NEEDED[one.name] for one in GIVEN if one.needed}

    assert Settings.from_environment(bare | needed) == Settings.from_environment(
        bare | {one.name: one.default for one in GIVEN} | needed
    )


@pytest.mark.parametrize("given", ["", " ", "none"])
def test_no_teams_are_teams_that_are_set_and_empty(given: str) -> None:
    assert lambda_environment(HERE, "key", "key", {"TEAMS": given})["TEAMS"] == "none"
    assert Settings.from_environment(ENVIRONMENT | {"TEAMS": given}).teams == ()
    assert lambda_environment(HERE, "key", "key", {})["TEAMS"] == "operators"
    assert Settings.from_environment(ENVIRONMENT).teams == ("operators",)


@pytest.mark.parametrize("variable", [one for one in GIVEN if one.name != "PROVIDER_NAME"], ids=lambda one: one.name)
def test_the_table_s_words_say_what_is_wrong(variable: Variable) -> None:
    with pytest.raises(SettingsInvalid, match=variable.name):
        Settings.from_environment(ENVIRONMENT | {variable.name: "no such value"})


def test_partitions_are_those_with_a_console() -> None:
    [partition] = [one for one in VARIABLES if one.name == "PARTITION"]

    assert set(partition.form.split("|")) == set(_CONSOLES)


def test_no_variable_stands_in_the_table_twice() -> None:
    assert len({one.name for one in VARIABLES}) == len(VARIABLES)


def test_the_example_file_is_that_of_the_table() -> None:
    assert (PROJECT / "stages" / "example.env").read_text() == example_file()


def test_the_example_deploys_once_its_ids_are_real(tmp_path: Path) -> None:
    everything = re.sub(r"^#(?=[A-Z_]+=)", "", example_file(), flags=re.MULTILINE)
    (tmp_path / "prod.env").write_text(everything)

    values = read_stage_file(tmp_path / "prod.env")

    assert set(values) == {one.name for one in GIVEN} | {"AWS_REGION"}
    check_settings(HERE, lambda_environment(HERE, "key", "key", values))


def test_the_operating_page_has_the_rows_of_the_table() -> None:
    assert [
        line for line in PAGE.splitlines() if re.match(rf"\| `({'|'.join(of(Origin.GIVEN))})` \|", line)
    ] == page_rows()


def test_the_help_names_every_setting() -> None:
    assert {one.name for one in GIVEN} <= set(re.findall(r"^  ([A-Z_]+) ", help_on_settings(), re.MULTILINE))
