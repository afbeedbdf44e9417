"""What comes in from Slack: commands, presses, windows."""
