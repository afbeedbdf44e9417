"""The local AWS and the local Slack workspace that `make demo` runs on. Never packaged."""
