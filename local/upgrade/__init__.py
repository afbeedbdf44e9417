"""Proves that a deployment over an older version loses nothing: `make upgrade`. Nothing of it is packaged."""
