"""A newcomer: follows docs/deploying.md, command by command, against a local AWS and a local Slack.

`python -m local.newcomer` does it in a fresh clone, to the first client. Nothing but the page says what is run; what a
person would type, edit or look up meanwhile stands in `answers`.
"""
