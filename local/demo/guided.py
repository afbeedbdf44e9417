"""`make demo` for a person: Acme's request waits in the workspace; every further step is the person's."""

import re
import signal

from local.demo.actors import Operator, client_groups, on_pages, team_groups
from local.demo.cast import ACME
from local.demo.chapters import together
from local.demo.places import Places
from local.demo.slack import Seen
from local.demo.teller import Teller
from local.demo.transcript import Transcript

FOREVER = 24 * 3600.0


def play(places: Places, transcript: Transcript) -> None:
    """Up to the request, then follow what the person does until Ctrl-C."""
    teller = Teller(places.slack, transcript)
    olli = Operator("olli")
    transcript.chapter("Acme is invited and deploys its stack")
    stack_id = ACME.create_stack(teller.invite(ACME), RequireMfa="false")
    request = teller.request_of(ACME)
    group = _group_of(request)
    _switch(olli, transcript, "before the approval")
    transcript.chapter("Your turn")
    transcript.say(
        f"  Open {places.slack.url}, be Ada, and press Approve under Acme's request.\n"
        "  Be Olli to see what somebody who is no approver is told. Type /clients to list clients, /clients acme to\n"
        "  see Acme alone, /clients help for all commands. Bea is an approver too, for requests that take two people.\n"
        "  Three switches on the left, “Slack is down”, “Threads take no replies” and “CloudFormation fails”, let\n"
        "  something fail, so that you can watch the recovery.\n"
        "  Ctrl-C ends everything."
    )
    _wait_for_the_decision(places, transcript, request, group)
    team = team_groups()[0]
    _switch(olli, transcript, "approved, but Olli is not in the team yet")
    transcript.say("  An administrator puts Olli into the team, once for all clients:")
    transcript.say(f"  $ aws iam add-user-to-group --group-name {team} --user-name olli")
    olli.join(team)
    _switch(olli, transcript, "in the team")
    transcript.say("\n  Press Enter to let Wayne ask, a company with twenty accounts. It takes a minute.")
    _enter()
    _twenty_at_once(places, teller)
    transcript.say("\n  Press Enter to let Acme delete its stack, then approve the removal in Slack.")
    _enter()
    ACME.delete_stack(stack_id)
    transcript.say("  Acme deletes its stack …")
    transcript.wait_for("Acme's role is on no page and its group is gone", lambda: not _let_in(group), FOREVER)
    _switch(olli, transcript, "Acme has left; Olli is still in the team")
    transcript.say("\n  That is the whole path. Ctrl-C ends everything.")
    while True:
        _enter()


def _twenty_at_once(places: Places, teller: Teller) -> None:
    """Let twenty accounts ask in one message, and count what the channel has of them once they are decided."""
    request = together.wayne_asks(teller, places.flat_template_url)
    teller.tell.say("  Press “Approve all 20” in Slack, or “Review” to see them one by one.")

    def decided() -> bool:
        words = places.slack.about(request.request_id).words
        return "🟡" not in words and "🔵" not in words

    teller.tell.wait_for("all twenty accounts are decided", decided, FOREVER)
    if "✅" in places.slack.about(request.request_id).words:
        teller.tell.wait_for("one card links to those that are let in", lambda: teller.card_of_several(request))
    teller.tell.say(f"  The channel has {len(together.of_wayne(teller))} messages of it, thread replies counted.")


def _wait_for_the_decision(places: Places, transcript: Transcript, request: Seen, group: str) -> None:
    def words() -> str:
        return places.slack.about(request.request_id).words

    def denied() -> bool:
        return "Reopen" in places.slack.about(request.request_id).buttons

    transcript.wait_for("Acme's request is decided", lambda: _let_in(group) or denied(), FOREVER)
    if denied():
        transcript.say("  You denied Acme, so nobody gets in. Press Reopen and then Approve to go on.")
    transcript.wait_for("the team and Acme's own group get in", lambda: "✅" in words(), FOREVER)


def _let_in(group: str) -> bool:
    """Whether anything lets operators into Acme's account: a page of the team, or Acme's own group."""
    return ACME.role_arn() in on_pages() or group in client_groups()


def _group_of(request: Seen) -> str:
    """Acme's own IAM group, which approving would make, as the request names it."""
    found = re.search(r"switchyard-\w+-c[a-z2-7]{10}", request.words)
    return found.group() if found else ""


def _switch(olli: Operator, transcript: Transcript, when: str) -> None:
    arn = olli.switch_into(ACME.role_arn())
    transcript.say(f"  Olli tries to switch into Acme's account ({when}): {arn or 'AccessDenied'}")


def _enter() -> None:
    try:
        input()
    except EOFError:  # nobody at the terminal: stay until interrupted
        signal.pause()
