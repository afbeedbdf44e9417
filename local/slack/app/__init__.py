"""The way to the app: signed requests for commands, presses and modals, and the answers to response URLs."""
