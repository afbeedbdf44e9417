"""Adapters to AWS: table, client-group stacks, STS, secrets, hand-over."""
