"""`make demo`: the whole path of a client on the local AWS and the local Slack, guided or by itself."""
