"""The local Slack page: its endpoints, its reading of mrkdwn, what it draws."""
