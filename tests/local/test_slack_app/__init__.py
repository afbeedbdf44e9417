"""The local Slack towards the app: requests, answers, response URLs."""
