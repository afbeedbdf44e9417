"""The Web API under `/api/`: what the app may call, with its token and scopes, and how each method answers."""
