"""Lambda entry points: event in, one call into `bot`, answer out."""

import gc

gc.disable()  # looking for garbage takes a sixth of the CPU of a cold start; `bootstrap.prepare` turns it on again
