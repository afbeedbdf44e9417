"""The local AWS: ministack on one loopback port, with the gaps filled that Switchyard would notice.

`python -m local.aws --port 4566` starts it; `local.aws.process.LocalAws.start()` does the same from a test or the demo.
Each module of `gaps/` supplies one behaviour of real AWS that ministack leaves out and names the AWS page it follows.
The product's code knows nothing of them.
"""
