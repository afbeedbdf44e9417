"""Adapters to Slack: what people type and press, and what they see."""
