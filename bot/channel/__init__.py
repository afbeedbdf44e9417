"""Slack follows: post and edit what is stored, in order and at Slack's pace."""
