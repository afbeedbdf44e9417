"""Lambda entry points: event in, one call into `bot`, answer out."""
