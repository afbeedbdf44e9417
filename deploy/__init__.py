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
remove            `make remove STAGE=…`: removes a stage
remove_plan       what that would do, in words
removal           its steps
client_access     taking away the access to all clients
restore           `make restore STAGE=…`: puts the table back to what it was
settle_table      settles the table with AWS
settling          makes an old table harmless
actual_access     who gets in by AWS's own word
inventory         what there is of a stage
backups           backups of the table, and the table made from one
halting           stopping the functions, and letting them run again
confirming        asking for the stage's name
replay            `make replay STAGE=…`: invokes again what failed
"""
