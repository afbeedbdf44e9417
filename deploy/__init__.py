"""What `make deploy` runs: osls, then the templates, then the addresses."""
