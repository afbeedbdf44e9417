"""AWS follows: run an approved request's attempt and record its outcome."""
