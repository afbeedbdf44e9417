"""The parameters a client fills in: defaults, explanations, and what their patterns let through."""

import re

import pytest

from deploy.rendering import CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY
from tests.templates.documents import Document, read
from tests.templates.rendered import CHILD_KEY, RENDERED


@pytest.fixture(scope="module")
def parent() -> Document:
    return read(RENDERED[CLIENT_TEMPLATE_KEY])


@pytest.fixture(scope="module")
def child() -> Document:
    return read(RENDERED[CHILD_KEY])


def test_the_flat_template_asks_for_the_same(parent: Document) -> None:
    flat = read(RENDERED[FLAT_TEMPLATE_KEY])
    assert flat["Parameters"] == parent["Parameters"]
    assert flat["Metadata"] == parent["Metadata"]


def test_the_child_asks_for_what_the_parent_passes_on(parent: Document, child: Document) -> None:
    assert child["Parameters"].items() <= parent["Parameters"].items()


def test_only_company_and_invitation_must_be_given(parent: Document) -> None:
    defaults = {name: parameter.get("Default") for name, parameter in parent["Parameters"].items()}
    assert defaults == {
        "CompanyName": None,
        "InvitationToken": None,
        "AccessLevel": "ReadOnly",
        "RequireMfa": "true",
        "MaxSessionSeconds": 3600,
        "RoleName": "switchyard-access",
    }


def test_none_is_hidden_because_quick_create_links_leave_hidden_ones_out(parent: Document) -> None:
    assert not any("NoEcho" in parameter for parameter in parent["Parameters"].values())


def test_each_has_a_label_a_group_and_a_description(parent: Document) -> None:
    interface = parent["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(parent["Parameters"]) == sorted(interface["ParameterLabels"])
    assert all(parameter.get("Description") for parameter in parent["Parameters"].values())


def test_refusals_are_explained(parent: Document, child: Document) -> None:
    for document in (parent, child):
        for parameter in document["Parameters"].values():
            assert ("AllowedPattern" in parameter) <= ("ConstraintDescription" in parameter)


@pytest.mark.parametrize("name", ["switchyard-access", "a", "A+b=c,d.e@f_g-9", "x" * 43])
def test_role_names_of_iam_are_taken(parent: Document, child: Document, name: str) -> None:
    assert all(re.fullmatch(d["Parameters"]["RoleName"]["AllowedPattern"], name) for d in (parent, child))


@pytest.mark.parametrize(
    "name",
    ["", "*", "a*", "a?b", "${aws:username}", "a$", "a b", " a", "a\n", "a\nb", "a/b", "/a/", "a:b", "ä", "x" * 44],
)
def test_role_names_that_could_widen_a_policy_are_refused(parent: Document, child: Document, name: str) -> None:
    assert not any(re.fullmatch(d["Parameters"]["RoleName"]["AllowedPattern"], name) for d in (parent, child))


@pytest.mark.parametrize(
    "company", ["Acme", "Müller & Söhne GmbH", "O'Neil <Ltd>", "株式会社", "क्\u200dष", "👩\u200d🚀", "x" * 80]
)
def test_company_names_of_the_world_are_taken(parent: Document, company: str) -> None:
    assert re.fullmatch(parent["Parameters"]["CompanyName"]["AllowedPattern"], company)


@pytest.mark.parametrize("company", ["", "two\nlines", "Acme\n", "tab\there", "nul\0", "x" * 81])
def test_company_names_with_control_characters_are_refused(parent: Document, company: str) -> None:
    assert not re.fullmatch(parent["Parameters"]["CompanyName"]["AllowedPattern"], company)


@pytest.mark.parametrize("token", ["", "short", "with space in it", "with\nnewline", "x" * 129, "a$bcdefgh"])
def test_what_cannot_be_an_invitation_is_refused(parent: Document, token: str) -> None:
    assert not re.fullmatch(parent["Parameters"]["InvitationToken"]["AllowedPattern"], token)


def test_invitations_are_taken(parent: Document) -> None:
    assert re.fullmatch(
        parent["Parameters"]["InvitationToken"]["AllowedPattern"], "Zm9v-YmFy_0123456789abcdefghijklmno"
    )
