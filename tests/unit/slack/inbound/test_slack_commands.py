"""What `/clients` understands."""

import pytest

from bot.domain.errors import BadCommand
from bot.domain.vocabulary import AccessLevel
from bot.slack.inbound.commands import ClientVerb, Invite, ListInvitations, OfClient, Open, parse


@pytest.mark.parametrize(
    ("typed", "company", "level"),
    [
        ("invite Acme", "Acme", "ReadOnly"),
        ("invite Acme Administrator", "Acme", "Administrator"),
        ("INVITE Acme poweruser", "Acme", "PowerUser"),
        ("invite  Acme   Holding   readonly ", "Acme Holding", "ReadOnly"),
        ("invite ReadOnly Ltd", "ReadOnly Ltd", "ReadOnly"),
        ('invite "Acme Holding" Administrator', "Acme Holding", "Administrator"),
        ('invite "Acme Administrator"', "Acme Administrator", "ReadOnly"),
        ("invite “Acme PowerUser” ReadOnly", "Acme PowerUser", "ReadOnly"),
        ("invite „Müller“", "Müller", "ReadOnly"),
        ("invite «Société»", "Société", "ReadOnly"),
        ("invite 'Acme'", "Acme", "ReadOnly"),
        ("invite O'Brien", "O'Brien", "ReadOnly"),
        ('invite "Acme', "Acme", "ReadOnly"),
        ('invite "Acme Holding Administrator', "Acme Holding", "Administrator"),
        ('invite “Acme Admin"', "Acme Admin", "ReadOnly"),
        ("invite Acme” PowerUser", "Acme", "PowerUser"),
        ('invite ZAO "Acme"', 'ZAO "Acme"', "ReadOnly"),
        ('invite "Acme" Holding', '"Acme" Holding', "ReadOnly"),
        ("invite \u2019t Hooft", "\u2019t Hooft", "ReadOnly"),
        ("invite Jones'", "Jones'", "ReadOnly"),
        ('invite "Acme Admin"', "Acme Admin", "ReadOnly"),
        ("invite Acme Admin ReadOnly", "Acme Admin", "ReadOnly"),
        ("invite Admin Solutions", "Admin Solutions", "ReadOnly"),
        ("invite AT&amp;T", "AT&T", "ReadOnly"),
        ("invite AT&T", "AT&T", "ReadOnly"),
        ("invite <http://acme.com|acme.com> Administrator", "acme.com", "Administrator"),
        ("invite help", "help", "ReadOnly"),
    ],
)
def test_the_last_word_is_the_level_if_it_is_one_and_the_rest_the_company(typed: str, company: str, level: str) -> None:
    assert parse(typed) == Invite(company, AccessLevel(level))


@pytest.mark.parametrize(
    ("typed", "company", "meant"),
    [
        ("invite Foo Admin", "Foo Admin", Invite("Foo", AccessLevel.ADMINISTRATOR)),
        ("invite Foo Bar administrators", "Foo Bar administrators", Invite("Foo Bar", AccessLevel.ADMINISTRATOR)),
        ("invite Foo Administrator.", "Foo Administrator.", Invite("Foo", AccessLevel.ADMINISTRATOR)),
        ("invite Foo Power", "Foo Power", Invite("Foo", AccessLevel.POWER_USER)),
        ("invite Foo PowerUsers", "Foo PowerUsers", Invite("Foo", AccessLevel.POWER_USER)),
        ("invite Foo power user", "Foo power user", Invite("Foo", AccessLevel.POWER_USER)),
        ("invite Foo Read-Only", "Foo Read-Only", Invite("Foo", AccessLevel.READ_ONLY)),
        ("invite Foo read_only", "Foo read_only", Invite("Foo", AccessLevel.READ_ONLY)),
        ("invite Foo read only", "Foo read only", Invite("Foo", AccessLevel.READ_ONLY)),
        ("invite Foo READ", "Foo READ", Invite("Foo", AccessLevel.READ_ONLY)),
        ('invite "Foo" admin', '"Foo" admin', Invite("Foo", AccessLevel.ADMINISTRATOR)),
        ('invite "Foo admin', "Foo admin", Invite("Foo", AccessLevel.ADMINISTRATOR)),
        ("invite admin", "admin", Invite("", AccessLevel.ADMINISTRATOR)),
    ],
)
def test_a_last_word_that_resembles_a_level_is_company_and_what_may_be_meant_is_known(
    typed: str, company: str, meant: Invite
) -> None:
    assert parse(typed) == Invite(company, AccessLevel.READ_ONLY, instead=meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", Open.LIST),
        ("  ", Open.LIST),
        ("list", Open.LIST),
        ("List", Open.LIST),
        ("help", Open.HELP),
        ("Help me", Open.HELP),
    ],
)
def test_nothing_lists_and_help_helps(typed: str, meant: object) -> None:
    assert parse(typed) == meant


@pytest.mark.parametrize(
    "typed", ["invite", "invite  ", "invite Administrator", 'invite ""', 'invite "', 'invite "" ReadOnly']
)
def test_an_invitation_needs_a_company(typed: str) -> None:
    with pytest.raises(BadCommand, match="Which company"):
        parse(typed)


@pytest.mark.parametrize(
    ("typed", "company", "level"),
    [
        ("invite Acme --accounts 20", "Acme", "ReadOnly"),
        ("invite Acme Holding --accounts 20 Administrator", "Acme Holding", "Administrator"),
        ("invite Acme PowerUser --accounts=20", "Acme", "PowerUser"),
        ("invite --ACCOUNTS 20 Acme", "Acme", "ReadOnly"),
        ("invite Acme \u2014accounts 20", "Acme", "ReadOnly"),
        ("invite Acme \u2013accounts=20", "Acme", "ReadOnly"),
    ],
)
def test_an_invitation_may_be_for_several_accounts(typed: str, company: str, level: str) -> None:
    assert parse(typed) == Invite(company, AccessLevel(level), accounts=20)


@pytest.mark.parametrize(
    "typed",
    [
        "Acme --accounts",
        "Acme --accounts many",
        "Acme --accounts -1",
        "Acme --accounts=",
        "Acme --accounts 12345",
        "Acme --accounts 2 --accounts 3",
        "Acme --accounts 2\u0663",
    ],
)
def test_a_number_of_accounts_that_is_none_is_asked_about(typed: str) -> None:
    with pytest.raises(BadCommand, match="For how many accounts"):
        parse(f"invite {typed}")


def test_a_company_is_needed_beside_the_accounts() -> None:
    with pytest.raises(BadCommand, match="Which company"):
        parse("invite --accounts 20")


def test_invitations_are_a_word_of_their_own() -> None:
    assert parse("Invitations") == ListInvitations()


@pytest.mark.parametrize("typed", ["--account 20", "--accounts:20", "-accounts 20", "\u2014\u2013accounts 3"])
def test_a_misspelt_option_is_not_taken_for_the_company(typed: str) -> None:
    with pytest.raises(BadCommand, match="For how many accounts"):
        parse(f"invite Acme {typed}")


def test_invitations_can_be_asked_for_by_company() -> None:
    assert parse('invitations "Acme Holding"') == ListInvitations("Acme Holding")


def test_a_history_is_asked_for_by_client() -> None:
    assert parse('history "Acme Holding"') == OfClient(ClientVerb.HISTORY, "Acme Holding")
    with pytest.raises(BadCommand, match=r"Which client.*clients history"):
        parse("history")


def test_a_client_is_revoked_by_name() -> None:
    assert parse("revoke Acme Holding") == OfClient(ClientVerb.REVOKE, "Acme Holding")
    with pytest.raises(BadCommand, match=r"Which client.*clients revoke"):
        parse("revoke")
