"""Posts and edits messages in Slack, in order and at Slack's pace."""
