"""The words by which a client is found: how a name folds into words, which words are a client's, who matches best.

The table's index of words and a search fold in the same way, so that case, accents and punctuation never matter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice

from bot.domain.model import Client
from bot.domain.spelling import without_unseen_marks

MOST = 16
"""Most words under which one client is found."""
LENGTH = 40
"""Most characters of a word; the rest is cut."""
SAME, BEGINS, OTHER = "0", "1", "2"
"""How near a word is to the company's name: it is all of it, the name begins with it, anything else."""
FORM = 1
"""Raise it with any change of what is indexed: then the sweep walks through all clients once more."""
_READ = 256
"""Most characters of a name that are read."""
_ASKED = 8
"""Most words of a search that count."""
_INSIDE_WORDS = "'.`\u2018\u2019\u02bc"
"""Apostrophes and dots join what stands beside them (O'Reilly, I.B.M.); other punctuation parts it."""
_FIRST_OF = (1, 1, 6, 3, 3)
"""How many words of the id, the account, the company, the label and the role come before all others."""


def words_of(client: Client) -> tuple[str, ...]:
    """Return the words under which the table lists the client, at most MOST, each once.

    Before each stands how near it is to the company's name, so that among many clients the best come first. A client
    chooses most of these texts, so a long one can't push the others out.
    """
    texts = [_indexed(text) for text in _texts(client)]
    firsts = [text[:most] for text, most in zip(texts, _FIRST_OF, strict=False)]
    found = islice(dict.fromkeys(chain(*firsts, *texts[::-1])), MOST)
    name = [*chain(*_parts(client.company))]
    return tuple(f"{OTHER if word not in name[:1] else BEGINS if name[1:] else SAME}{word}" for word in found)


def asked_words(typed: str) -> tuple[str, ...]:
    """Return the words of a search, in the order of their typing; none where it has nothing but punctuation.

    Digits that are divided by punctuation are one number, as people copy an account id.
    """
    found = (parts for parts in _parts(typed))
    joined = (["".join(parts)] if all(map(str.isdigit, parts)) else parts for parts in found)
    return tuple(dict.fromkeys(word[:LENGTH] for word in islice(chain(*joined), _ASKED)))


def matches(client: Client, asked: Sequence[str]) -> bool:
    """Return whether each of these words is the beginning of a word of the client's, as it is stored now."""
    words = {word for text in _texts(client) for word in _indexed(text)}
    return all(any(word.startswith(one) for word in words) for one in asked)


def distance(client: Client, typed: str) -> int:
    """Return how far the company's name is from what was typed: 0 the same, 1 it begins so, 2 anything else."""
    name, asked = (" ".join(chain(*_parts(text))) for text in (client.company, typed))
    return 0 if name == asked else 1 if name.startswith(asked) else 2


def _texts(client: Client) -> tuple[str, ...]:
    """Return what a client is found by. The level is a filter, and no word."""
    return client.id, client.stack.account_id, client.company, client.label, client.gives.role_name, *client.teams


@lru_cache(maxsize=1024)
def _indexed(text: str) -> tuple[str, ...]:
    """Return the words of a text; what punctuation divides is found as a whole as well."""
    found = (("".join(parts), *parts) if parts[1:] else parts for parts in _parts(text))
    return tuple(word[:LENGTH] for word in chain(*found))


def _parts(text: str) -> Iterator[list[str]]:
    """Yield the parts of each word that blanks divide, folded; nothing for what has no letter or digit."""
    for word in without_unseen_marks(text[:_READ]).split():
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
        parts = "".join(map(_kept, folded)).split()
        if parts:
            yield parts


def _kept(char: str) -> str:
    """Return a letter or digit as it is, nothing for what only marks or hides, and a blank for the rest."""
    kind = unicodedata.category(char)[0]
    if kind in "LN":
        return char
    return "" if kind in "MC" or char in _INSIDE_WORDS else " "
