"""The local Slack Web API."""
