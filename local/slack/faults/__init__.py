"""Slack on a bad day: planned failures of calls, rules for all calls, and the page's switches that turn them on."""
