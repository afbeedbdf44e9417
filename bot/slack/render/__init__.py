"""Everything Slack shows, rendered from what is stored."""
