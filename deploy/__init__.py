"""Deploying Switchyard into the provider's account: what `make deploy STAGE=…` runs.

errors            what can go wrong, told to whoever deploys
deployment        where a stage lives: names, keys and URLs, all pure
preflight         what must be true of the account before anything is changed
osls              running osls, and reading what it made
templates_bucket  uploading templates and checking that clients can read them
rendering         the templates themselves
cli               the order of it all
replay            `make replay STAGE=…`: invokes again what failed
"""
