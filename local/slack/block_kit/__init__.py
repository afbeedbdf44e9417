"""What may be shown: text, blocks and views, read from a call's arguments and refused as Slack refuses them."""
