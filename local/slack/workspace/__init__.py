"""What the workspace is and remembers: fixed people and channels, messages and threads, user groups, open modals."""
