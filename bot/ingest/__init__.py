"""An event of a client's stack comes in: its payload, whether it is let in, and what it changes."""
