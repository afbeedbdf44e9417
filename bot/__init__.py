"""Switchyard: onboards AWS client accounts from Slack."""
