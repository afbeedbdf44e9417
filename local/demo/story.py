"""The story `make demo AUTO=1` plays and checks, with an IAM user of the provider account and real calls."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from local.demo.actors import Company, Operator, client_groups
from local.demo.impostor import Impostor
from local.demo.places import Places
from local.demo.slack import Seen, Slack
from local.demo.transcript import Transcript
from local.slack import facts

ACME = Company("Acme", "222222222222")
GLOBEX = Company("Globex", "333333333333")
INITECH = Company("Initech", "444444444444")
HOOLI = Company("Hooli", "555555555555")
MALLORY = Company("Mallory", "666666666666")


def play(places: Places, transcript: Transcript) -> None:
    """Everything, from the first invitation to the last goodbye."""
    teller = Teller(places.slack, transcript)
    olli, mia = Operator("olli"), Operator("mia")
    stack_id, request = teller.acme_asks(olli)
    teller.mallory_is_refused(places.addresses["events_url"])
    group = teller.ada_approves(request, olli)
    teller.olli_switches(group, olli, mia)
    teller.acme_renames_its_role(stack_id, group, olli)
    teller.globex_requires_mfa(olli)
    teller.initech_is_denied()
    teller.hoolis_stack_fails()
    teller.everybody_is_listed()
    teller.acme_leaves(stack_id, group, olli)
    transcript.end()


class Teller:
    """Plays the chapters, one after the other."""

    def __init__(self, slack: Slack, transcript: Transcript) -> None:
        self._slack = slack
        self._tell = transcript
        self._acmes_link = ""

    def acme_asks(self, olli: Operator) -> tuple[str, Seen]:
        """Acme is invited, deploys its stack, and the team sees it."""
        self._tell.chapter("Acme is invited and deploys its stack")
        self._slack.type(facts.OLLI, "/clients invite Acme")
        self._private(facts.OLLI, "Olli, who is no approver, is told privately who may invite", facts.ADA.id)
        self._acmes_link = self.invite(ACME)
        stack_id = ACME.create_stack(self._acmes_link, RequireMfa="false")
        request = self.request_of(ACME)
        self._tell.holds("the request offers Approve and Deny", request.buttons == ("Approve", "Deny"))
        self._tell.holds("it names the account", ACME.account_id in request.words)
        self._tell.holds("before the approval, AWS refuses Olli the switch", olli.switch_into(ACME.role_arn()) is None)
        return stack_id, request

    def mallory_is_refused(self, events_url: str) -> None:
        """Mallory has Acme's link and all of the code, and gets nowhere with either."""
        self._tell.chapter("Mallory poses as Acme")
        before = self._slack.messages()
        token = parse_qs(urlsplit(self._acmes_link).fragment.partition("?")[2])["param_InvitationToken"][0]
        impostor = Impostor(MALLORY.account_id, "Acme")
        status, words = impostor.claims_to_be(ACME.account_id, events_url, token)
        self._tell.holds(f"an event that claims Acme's account is refused: {status} {words}", status == 401)
        status, words = impostor.claims_to_be(MALLORY.account_id, events_url, token)
        self._tell.holds(f"one of Mallory's own, with Acme's invitation, too: {status} {words}", status == 403)
        stack_id = MALLORY.create_stack(self._acmes_link, RoleName="acme-access")
        self._tell.wait_for(
            "Acme's link in Mallory's account ends in a rollback", lambda: "ROLLBACK" in MALLORY.stack_status(stack_id)
        )
        reason = MALLORY.why_it_failed(stack_id)
        self._tell.holds("whose reason is in CloudFormation's events", "belongs to another AWS account" in reason)
        self._slack.type(facts.ADA, "/clients invitations")
        self._private(facts.ADA, "Ada sees who was refused with Acme's invitation", MALLORY.account_id)
        self._tell.holds("nothing of it is in the channel", self._slack.messages() == before)

    def ada_approves(self, request: Seen, olli: Operator) -> str:
        """Olli may not approve, Ada may; the group is made and the card arrives."""
        self._tell.chapter("Ada approves")
        self._slack.press(facts.OLLI, request, "Approve")
        self._private(facts.OLLI, "Olli presses Approve and is told privately that he may not", facts.ADA.id)
        self._slack.press(facts.EVE, request, "Approve")
        self._private(facts.EVE, "Eve, a guest of another workspace, presses it and is told the same", facts.ADA.id)
        self._tell.holds("the request is as it was", self._slack.about(request.request_id) == request)
        self._tell.holds("no group exists", client_groups() == [])
        self._slack.press(facts.ADA, request, "Approve")
        done = self._now_says(request, "✅", "Ada presses Approve, and the message turns green")
        self._tell.holds("its buttons are gone", not done.buttons)
        card = self._tell.wait_for("the switch-role card is in its thread and in the channel", lambda: self._card(done))
        self._tell.holds(
            "it names account and role", ACME.account_id in card.words and "switchyard-access" in card.words
        )
        self._tell.holds("it links to the console's Switch Role", any("/switchrole?" in url for url in card.links))
        [group] = client_groups()
        self._tell.holds(f"it names the IAM group {group}", group in card.words)
        self._tell.holds("outside the group, AWS refuses Olli the switch", olli.switch_into(ACME.role_arn()) is None)
        return group

    def olli_switches(self, group: str, olli: Operator, mia: Operator) -> None:
        """A member switches; everybody else does not."""
        self._tell.chapter("Olli switches into Acme's account")
        olli.join(group)
        arn = olli.switch_into(ACME.role_arn())
        self._tell.holds(
            f"a member of the group, Olli is now {arn}",
            arn == f"arn:aws:sts::{ACME.account_id}:assumed-role/switchyard-access/olli",
        )
        self._tell.holds("Mia, who is in no group, is refused", mia.switch_into(ACME.role_arn()) is None)

    def acme_renames_its_role(self, stack_id: str, group: str, olli: Operator) -> None:
        """An update is asked for with what changed, and switches the group over."""
        self._tell.chapter("Acme renames its role and raises its level")
        request = self._next_request(
            "the team is asked again", lambda: ACME.update_stack(stack_id, RoleName="acme-ops", AccessLevel="PowerUser")
        )
        for change in ("switchyard-access", "acme-ops", "ReadOnly", "PowerUser"):
            self._tell.holds(f"what changed is in plain sight: {change}", change in request.words)
        self._tell.wait_for("Acme's stack is updated", lambda: ACME.stack_status(stack_id) == "UPDATE_COMPLETE")
        self._tell.holds("until then, the new role is refused", olli.switch_into(ACME.role_arn("acme-ops")) is None)
        self._slack.press(facts.ADA, request, "Approve")
        self._now_says(request, "✅", "Ada approves, and the message turns green")
        self._tell.holds("it is still the same group", client_groups() == [group])
        arn = olli.switch_into(ACME.role_arn("acme-ops"))
        self._tell.holds(f"still a member, Olli is now {arn}", arn is not None and "/acme-ops/" in arn)
        self._tell.holds("the old role is refused", olli.switch_into(ACME.role_arn()) is None)

    def globex_requires_mfa(self, olli: Operator) -> None:
        """A client that requires MFA is not entered without it."""
        self._tell.chapter("Globex requires MFA")
        before = set(client_groups())
        GLOBEX.create_stack(self.invite(GLOBEX))
        request = self.request_of(GLOBEX)
        self._slack.press(facts.ADA, request, "Approve")
        self._now_says(request, "✅", "Ada approves Globex")
        [group] = set(client_groups()) - before
        olli.join(group)
        self._tell.holds(
            "a member of the group but without MFA, Olli is refused", olli.switch_into(GLOBEX.role_arn()) is None
        )

    def initech_is_denied(self) -> None:
        """After a denial no group exists."""
        self._tell.chapter("Initech is denied")
        before = client_groups()
        INITECH.create_stack(self.invite(INITECH, "Administrator"), RequireMfa="false")
        request = self.request_of(INITECH)
        self._slack.press(facts.ADA, request, "Deny")
        self._now_says(request, "Denied", "Ada denies it, and the message says so")
        self._tell.holds("no group was made", client_groups() == before)

    def hoolis_stack_fails(self) -> None:
        """A stack that fails is told once, with CloudFormation's reason, and asks nothing."""
        self._tell.chapter("Hooli's stack fails, since the role exists already")
        HOOLI.make_role("switchyard-access")
        stack_id = HOOLI.create_stack(self.invite(HOOLI))
        self._tell.wait_for(
            "the channel is told why",
            lambda: [m for m in self._slack.messages() if HOOLI.account_id in m.words and "already exists" in m.words],
        )
        self._tell.wait_for("Hooli's stack is rolled back", lambda: "ROLLBACK_COMPLETE" in HOOLI.stack_status(stack_id))
        told = [message for message in self._slack.messages() if HOOLI.account_id in message.words]
        self._tell.holds("once, and without buttons", len(told) == 1 and not told[0].buttons)

    def everybody_is_listed(self) -> None:
        """`/clients` shows all of them."""
        self._tell.chapter("Anybody asks for the list")
        self._slack.type(facts.OLLI, "/clients")
        listed = self._slack.private_answers(facts.OLLI)[-1].words
        for company in (ACME, GLOBEX, INITECH, HOOLI):
            self._tell.holds(f"{company.name} is listed", company.name in listed and company.account_id in listed)

    def acme_leaves(self, stack_id: str, group: str, olli: Operator) -> None:
        """The client deletes its stack; approving that removes the group, members and all."""
        self._tell.chapter("Acme deletes its stack")
        request = self._next_request("the team is asked to remove Acme", lambda: ACME.delete_stack(stack_id))
        self._tell.wait_for("Acme's stack is gone", lambda: ACME.stack_status(stack_id) == "DELETE_COMPLETE")
        self._tell.holds("until then Olli stays in the group", group in olli.groups())
        self._slack.press(facts.ADA, request, "Approve")
        done = self._now_says(request, "✅", "Ada approves the removal, and the message turns green")
        self._tell.holds("it says who was removed from the group", "olli" in done.words)
        self._tell.holds("the group is gone", group not in client_groups() and group not in olli.groups())
        self._tell.holds("AWS refuses Olli the switch again", olli.switch_into(ACME.role_arn("acme-ops")) is None)

    def invite(self, company: Company, level: str = "") -> str:
        """Ada invites a company; answers the quick-create link."""
        self._slack.type(facts.ADA, f"/clients invite {company.name} {level}".strip())
        links = [url for url in self._slack.private_answers(facts.ADA)[-1].links if "templateURL" in url]
        self._tell.holds(f"Ada invites {company.name} and gets a quick-create link", len(links) == 1)
        return links[0]

    def request_of(self, company: Company) -> Seen:
        """The company's request, once it is in the channel."""
        return self._tell.wait_for(
            f"{company.name} creates its stack, and the request appears in the channel",
            lambda: next(
                (m for m in self._slack.messages() if m.request_id and company.account_id in m.words and m.buttons),
                None,
            ),
        )

    def _next_request(self, fact: str, cause: Callable[[], None]) -> Seen:
        """The request that comes of something somebody does."""
        seen = {message.request_id for message in self._slack.messages()}
        cause()
        return self._tell.wait_for(
            fact, lambda: next((m for m in self._slack.messages() if m.request_id and m.request_id not in seen), None)
        )

    def _private(self, who: facts.Person, fact: str, words: str) -> None:
        self._tell.wait_for(fact, lambda: any(words in m.words for m in self._slack.private_answers(who)[-1:]))

    def _now_says(self, request: Seen, words: str, fact: str) -> Seen:
        def look() -> Seen | None:
            now = self._slack.about(request.request_id)
            return now if words in now.words else None

        return self._tell.wait_for(fact, look, seconds=90)

    def _card(self, request: Seen) -> Seen | None:
        return next((m for m in self._slack.messages() if m.thread_ts == request.ts and m.to_channel and m.links), None)
