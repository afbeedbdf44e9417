"""The story `make demo AUTO=1` plays and checks, with IAM users of the provider account and real calls."""

from local.demo.actors import Operator
from local.demo.cast import ENCORE
from local.demo.chapters import afterwards, finding, kits, onboarding, others, recoveries, together
from local.demo.places import Places
from local.demo.scene import set_scene
from local.demo.teller import Teller
from local.demo.transcript import Transcript


def play(places: Places, transcript: Transcript) -> None:
    """Everything, from the first invitation to the last goodbye."""
    teller = Teller(places.slack, transcript)
    olli, mia = Operator("olli"), Operator("mia")
    recoveries.umbrella_asks_while_slack_is_down(teller)
    link, stack_id, request = onboarding.acme_asks(teller, olli)
    onboarding.mallory_is_refused(teller, link, places.addresses["events_url"])
    group = onboarding.ada_approves(teller, request, olli)
    onboarding.operators_switch(teller, group, olli, mia)
    kits.olli_takes_the_kit_along(teller, olli, mia)
    afterwards.acme_renames_its_role(teller, stack_id, group, olli, mia)
    others.globex_requires_mfa(teller, olli, mia)
    others.initech_is_denied(teller, olli)
    others.hoolis_stack_fails(teller)
    recoveries.a_failed_invocation_is_replayed(teller, olli, mia)
    afterwards.everybody_is_listed(teller)
    finding.olli_finds_acme_and_may_switch(teller)
    finding.ada_labels_globex(teller)
    afterwards.acme_leaves(teller, stack_id, group, olli, mia)
    recoveries.cloudformation_fails(teller, recoveries.umbrellas_request_appears(teller))
    afterwards.umbrella_is_revoked(teller, olli)
    together.ada_approves_all(teller, set_scene(teller, places.flat_template_url, ENCORE, olli).several, olli)
    recoveries.it_was_measured(teller)
    transcript.end()
