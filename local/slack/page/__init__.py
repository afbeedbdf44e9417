"""The page at `/` with its static files, and `/_local/*`, by which the page and the demo see the workspace and act."""
