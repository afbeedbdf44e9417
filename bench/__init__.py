"""`make bench`: what the Lambdas cost as packaged, beside the least that their work can cost. Never packaged."""
