"""Reads what CloudFormation means by a ValidationError: it has one code for many things, so its sentence decides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.aws.outages import code_of, sentence_of

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_TAKEN = {"AlreadyExistsException", "TokenAlreadyExistsException"}
_GONE = re.compile(r"Stack .* does not exist", re.DOTALL)
_STATUS = re.compile(r"\b[A-Z]+(_[A-Z]+)*_(IN_PROGRESS|COMPLETE|FAILED)\b")


def missing(error: ClientError) -> bool:
    """Return whether there is no such stack."""
    return code_of(error) == "ValidationError" and bool(_GONE.match(sentence_of(error)))


def unchanged(error: ClientError) -> bool:
    """Return whether the stack is already as the update wants it."""
    return "No updates are to be performed" in sentence_of(error)


def moved_on(error: ClientError) -> bool:
    """Return whether it was refused because the stack has changed since we looked at it."""
    if code_of(error) in _TAKEN or missing(error):
        return True
    return code_of(error) == "ValidationError" and bool(_STATUS.search(sentence_of(error)))
