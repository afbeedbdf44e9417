"""Deploying Switchyard into the provider's account: what `make deploy STAGE=…` runs.

errors            what can go wrong, told to whoever deploys
deployment        where a stage lives: names, keys and URLs, all pure
stage_file        stages/<stage>.env, what a stage is deployed with
setting_texts     the settings for people: help, example file, docs
deployed          what is deployed now
changes           what a deployment changes, and what of it needs somebody's word
preflight         what must be true of the account before anything is changed
quorum            whether the approvers can reach every approval that is asked for
slack_api         asking Slack, quickly, in good days and bad
slack_checks      what is asked of Slack before anything is changed
workspace         which workspace's people count
packaging         the package that all Lambdas share
osls              running osls, and reading what it made
templates_bucket  uploading templates and checking that clients can read them
leftovers         what may be there of a stage without its stack
adopting          having a new stack take that over
rendering         the templates themselves
cli               the order of it all
manifest          the Slack app's manifest, with the addresses filled in
slack_secrets     `make secrets STAGE=…`: asks for the Slack app's secrets and stores them
replay            `make replay STAGE=…`: invokes again what failed
"""
