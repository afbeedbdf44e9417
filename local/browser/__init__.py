"""The demo's story in a real browser: headless Chromium clicks and types through the local workspace's page.

`make pictures` takes the documentation's pictures on the way; tests/local/test_browser checks that the story comes true
and that the pictures show what is drawn today.
"""
