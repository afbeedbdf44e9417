"""The client companies of the story, each with an AWS account of its own."""

from dataclasses import dataclass

from local.demo.actors import Company

ACME = Company("Acme", "222222222222")
GLOBEX = Company("Globex", "333333333333")
INITECH = Company("Initech", "444444444444")
HOOLI = Company("Hooli", "555555555555")
MALLORY = Company("Mallory", "666666666666")
UMBRELLA = Company("Umbrella", "777777777777")
WAYNE = [Company("Wayne", f"{880_000_000_000 + number}") for number in range(1, 21)]
"""One company with twenty accounts."""


@dataclass(frozen=True)
class Cast:
    """Who plays which part in the scene that a guided demo opens on."""

    active: Company
    failed: Company
    waiting: Company
    several: list[Company]
    """The accounts of one company that wait together."""


OPENING = Cast(active=GLOBEX, failed=HOOLI, waiting=ACME, several=WAYNE)
ENCORE = Cast(
    Company("Stark", "123412341234"), Company("Tyrell", "234523452345"), Company("Soylent", "345634563456"), WAYNE
)
"""For `make demo AUTO=1`, where the companies of the opening have done other things before."""
