"""People decide: approve, deny, invite, revoke, find a client."""
