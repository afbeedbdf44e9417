"""The clients of the upgrade, one for each state that a request can be in, and what is kept of them."""

from dataclasses import dataclass, field

from local.demo.actors import Company
from local.demo.slack import Seen

WAITS = Company("Acme", "222222222222")
WAITS_FOR_TWO = Company("Aperture", "222222222223")
ONE_OF_TWO = Company("Globex", "333333333333")
DENIED = Company("Initech", "444444444444")
FAILED = Company("Hooli", "555555555555")
UPDATES = Company("Umbrella", "777777777777")
LEAVES = Company("Stark", "777777777778")
REVOKED = Company("Cyberdyne", "777777777779")
ONBOARDED = Company("Soylent", "777777777770")
UNDER_WAY = Company("Massive", "666666666666")
NOT_BEGUN = Company("Oscorp", "666666666667")
PRESSED_MEANWHILE = Company("Vandelay", "666666666668")
ASKS_MEANWHILE = Company("Pied Piper", "666666666669")
INVITED = Company("Tyrell", "666666666660")
GOES_BACK = Company("Contoso", "222222222224")
TOGETHER = [Company("Wayne", f"{880_000_000_000 + number}") for number in range(1, 4)]
ONE_MISSING = [Company("Dunder", f"{990_000_000_000 + number}") for number in range(1, 3)]
"""A company with two accounts, of which the second comes after the upgrade."""

LET_IN = (UPDATES, LEAVES, REVOKED, ONBOARDED)
"""Whom the older version has let operators into."""
STAYING = (UPDATES, REVOKED, ONBOARDED)
"""Those of them whose role still exists, so that operators get in until a decision says otherwise."""


@dataclass
class Kept:
    """What the older version left behind, as people have it in their hands."""

    requests: dict[str, Seen] = field(default_factory=dict)
    """The message of each request, by the company's name."""
    stacks: dict[str, str] = field(default_factory=dict)
    """The id of each client's stack."""
    links: dict[str, str] = field(default_factory=dict)
    """Invitations that were not used yet: by company, the quick-create link, or the token of several accounts."""
    question: Seen | None = None
    """The question before a revocation, which Ada has not answered yet."""
