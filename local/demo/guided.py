"""`make demo` for a person: Acme's request waits in the workspace; every further step is the person's."""

import signal

from local.demo.actors import Operator, client_groups
from local.demo.places import Places
from local.demo.story import ACME, Teller
from local.demo.transcript import Transcript

FOREVER = 24 * 3600.0


def play(places: Places, transcript: Transcript) -> None:
    """Up to the request, then follow what the person does until Ctrl-C."""
    teller = Teller(places.slack, transcript)
    olli = Operator("olli")
    transcript.chapter("Acme is invited and deploys its stack")
    stack_id = ACME.create_stack(teller.invite(ACME), RequireMfa="false")
    teller.request_of(ACME)
    _switch(olli, transcript, "before the approval")
    transcript.chapter("Your turn")
    transcript.say(
        f"  Open {places.slack.url}, be Ada, and press Approve under Acme's request.\n"
        "  Be Olli to see what somebody who is no approver is told. Type /clients to list clients.\n"
        "  Ctrl-C ends everything."
    )
    group = transcript.wait_for("Acme's group exists", lambda: next(iter(client_groups()), None), FOREVER)
    _switch(olli, transcript, "approved, but Olli is not in the group yet")
    olli.join(group)
    transcript.say(f"  $ aws iam add-user-to-group --group-name {group} --user-name olli")
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


def _switch(olli: Operator, transcript: Transcript, when: str) -> None:
    arn = olli.switch_into(ACME.role_arn())
    transcript.say(f"  Olli tries to switch into Acme's account ({when}): {arn or 'AccessDenied'}")


def _enter() -> None:
    try:
        input()
    except EOFError:  # nobody at the terminal: stay until interrupted
        signal.pause()
