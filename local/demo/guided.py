"""`make demo` for a person: Acme's request waits in the workspace; every further step is the person's."""

import re
import signal

from local.demo.actors import Operator, client_groups
from local.demo.cast import ACME
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
        "  Be Olli to see what somebody who is no approver is told. Type /clients to list clients.\n"
        "  Bea is an approver too, for requests that take two people.\n"
        "  Three switches on the left, “Slack is down”, “Threads take no replies” and “CloudFormation fails”, let\n"
        "  something fail, so that you can watch the recovery.\n"
        "  Ctrl-C ends everything."
    )
    _wait_for_the_decision(places, transcript, request, group)
    _switch(olli, transcript, "approved, but Olli is not in the group yet")
    transcript.say(f"  $ aws iam add-user-to-group --group-name {group} --user-name olli")
    olli.join(group)
    _switch(olli, transcript, "a member of the group")
    transcript.say("\n  Press Enter to let Acme delete its stack, then approve the removal in Slack.")
    _enter()
    ACME.delete_stack(stack_id)
    transcript.say("  Acme deletes its stack …")
    transcript.wait_for("Acme's group is gone", lambda: group not in client_groups(), FOREVER)
    _switch(olli, transcript, "Acme has left")
    transcript.say("\n  That is the whole path. Ctrl-C ends everything.")
    while True:
        _enter()


def _wait_for_the_decision(places: Places, transcript: Transcript, request: Seen, group: str) -> None:
    def decided() -> bool:
        return group in client_groups() or "Reopen" in places.slack.about(request.request_id).buttons

    transcript.wait_for("Acme's request is decided", decided, FOREVER)
    if group not in client_groups():
        transcript.say("  You denied Acme, so there is no group. Press Reopen and then Approve to go on.")
        transcript.wait_for("Acme's group exists", lambda: group in client_groups(), FOREVER)


def _group_of(request: Seen) -> str:
    """The IAM group that approving would make, as the request names it."""
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
