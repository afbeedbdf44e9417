"""From a real Slack workspace to the local AWS, by Socket Mode: for development only, and never packaged."""
