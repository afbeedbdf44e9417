"""The client companies of the story, each with an AWS account of its own."""

from local.demo.actors import Company

ACME = Company("Acme", "222222222222")
GLOBEX = Company("Globex", "333333333333")
INITECH = Company("Initech", "444444444444")
HOOLI = Company("Hooli", "555555555555")
MALLORY = Company("Mallory", "666666666666")
UMBRELLA = Company("Umbrella", "777777777777")
WAYNE = [Company("Wayne", f"{880_000_000_000 + number}") for number in range(1, 21)]
"""One company with twenty accounts."""
