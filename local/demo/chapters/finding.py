"""Finding a client among the others: by words, and then by the label that an approver gives it."""

from local.demo.cast import ACME, GLOBEX, INITECH
from local.demo.teller import Teller
from local.slack.workspace import facts

_LABEL = "production"


def olli_finds_acme_and_may_switch(teller: Teller) -> None:
    """One command, and its one answer has the link that switches."""
    teller.tell.chapter("Olli looks for Acme")
    answers = teller.type(facts.OLLI, "/clients acm")
    links = [link for answer in answers for link in answer.links if ACME.account_id in link and "/switchrole?" in link]
    teller.tell.holds("one answer shows Acme, with the link that switches into it", len(answers) == len(links) == 1)
    decides = {"Approve", "Revoke", "Rename"} & set(answers[-1].buttons)
    teller.tell.holds("Olli is no approver, so there is nothing to decide", not decides)
    card = teller.type(facts.OLLI, "/clients card acme")[-1]
    teller.tell.holds(
        "the card comes again, for Olli alone", "role_arn" in card.words and ACME.account_id in card.words
    )
    denied = teller.type(facts.OLLI, f"/clients {INITECH.account_id[:6]}")[-1]
    teller.tell.holds("an account is found from the left", INITECH.name in denied.words)
    mistake = teller.type(facts.OLLI, "/clients invit Acme")[-1]
    meant = "Did you mean `/clients invite Acme`?" in mistake.words and len(mistake.words.splitlines()) == 2
    teller.tell.holds("a misspelt command is answered in two lines, with the one that was meant", meant)


def ada_labels_globex(teller: Teller) -> None:
    """An approver opens a window where a client is shown; the label is found at once."""
    teller.tell.chapter("Ada labels Globex")
    shown = teller.type(facts.ADA, "/clients show globex")[-1]

    def opened() -> bool:
        if not teller.slack.window(facts.ADA) and not teller.slack.app_is_at_work():
            teller.confirm(facts.ADA, shown, "Label")
        return bool(teller.slack.window(facts.ADA))

    def labelled() -> bool:
        now = next(each for each in teller.slack.private_answers(facts.ADA) if each.ts == shown.ts)
        return f"({_LABEL})" in now.words

    teller.tell.wait_for("Ada presses Label, and a window opens", opened)
    teller.fill_in(facts.ADA, {"Label": _LABEL}, labelled)
    teller.tell.wait_for("the client that she was shown has the label", labelled)
    found = teller.type(facts.OLLI, f"/clients {_LABEL}")[-1]
    teller.tell.holds("and everybody finds it by the label", f"{GLOBEX.name} ({_LABEL})" in found.words)
