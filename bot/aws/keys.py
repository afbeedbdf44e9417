"""The one table: its keys, its two indexes, and the cursors that lead through its lists.

| pk                    | sk                          | what it is                                  | listing (gsi1)             | attention (gsi2) |
|-----------------------|-----------------------------|---------------------------------------------|----------------------------|------------------|
| client#<id>           | client                      | Client                                      | clients, <created>#<id>    | standing#<…>, <…>|
| client#<id>           | name                        | the Client again, to be found by its name   | name#<key>, <created>#<id> | level#<…>, <…>   |
| words#<client id>     | <word>                      | "this client is found by this word"         | word#<its first letter>, <word>#<how near><created, newest first>#<client id> | |
| client#<id>           | event#<timestamp>#<digest>  | Event                                       |                            |                  |
| client#<id>           | seen#<digest>               | "this event is stored", whatever its time   |                            |                  |
| messages#<client>     | <created>#<request>…        | Message, with `wanted` beside the record    |                            | due messages, <…>|
| messages#<hash>       | <invited at>#<number>…      | Message shared by an invitation's requests  |                            | due messages, <…>|
| bulks#<hash>          | <its message>#<number>      | Bulk: one press on several of these requests |                           | due pages, <…>   |
| client#<id>           | audit#<at>#<save>#<number>  | Audit; no condition ever lets it be changed |                            |                  |
| client#<id>           | asked#<at>#<save>#<number>  | Audit of what the client's own stack did    |                            |                  |
| request#<id>          | request                     | Request                                     |                            | due, <due_at>    |
| invitation#<hash>     | invitation                  | Invitation                                  | invitations, <created>#<…> |                  |
| refused#<account>     | invitation#<hash>           | RefusedAttempts, with their number `count`  | refused…, <last>#<account> |                  |
| refused#<client id>   | person#<Slack user id>      | RefusedPerson, with the number `count`      | refused#<client id>, <last>#<user> |          |
| command#<mark>        | command                     | "this signed command has come"              |                            |                  |
| stack#<StackId>       | claim                       | client_id found by this parent stack        |                            |                  |
| stack#<StackId>       | gone                        | GoneStack: this parent stack was deleted    |                            |                  |
| role#<account>#<role> | claim                       | client_id found by this access role         |                            |                  |
| role#<account>#<role> | holder#<client id>          | client_id that has claimed this role once   |                            |                  |
| account#<account>     | account                     | Account: who is in it, and who blocked it   |                            |                  |
| turn                  | turn                        | Turn: how far the sweep has come             |                            |                  |
| team#<team>           | book                        | Team: how full each of its pages is         |                            | due pages, <…>   |
| team#<team>           | change#<asked at>#<client id>#<key> | PageChange, while it waits          |                            | due changes, <…> |
| page#<team>#<number>  | page                        | Page of a team, as wanted                   |                            | due pages, <…>   |
| kit#<team>            | kit                         | TeamKit, with `wanted` beside the record    |                            | due kits, <…>    |
| home#<Slack user id>  | home                        | AppHome: one person's Home as it was last published |                    | due homes, <…>   |

The facts lie in the map `record` with the number of their form (`schema`), so that no field can be taken for a key, nor for the TTL attribute `expires_at`, which
only events, their `seen` entries (1 year after the event), refused attempts, commands and App Homes (1 hour) carry. `digest` is the SHA-256 of the event's key. The
index `attention` is sparse: a request with nothing left to do has no place in it. Besides what is due, it lists clients by standing and by level. Neither has an invitation that nobody
can use any more in `listing`. Refused attempts are listed under `refused`, those with an invitation of ours apart from them
under `refused#invited`, so that strangers can't push those out of what is read. They are forgotten 30 days after the last
one; `count` lies outside of `record`, so that it is counted up in place. People who were refused something are counted in the
same way, and kept for good. What a client's stack did is apart from what people decided, so that neither pushes the other out
of what is read. Messages and kits lie apart from clients and teams, since Lambdas change them in place. A team's `book` sorts before
the changes that wait for its pages, so that one query reads it with the oldest of them. Words lie apart from their client, since they and these
changes are all that is ever deleted. A word holds no facts: whoever finds a client by it reads the client, and its `known_by.words` tells
which words are there.
"""  # noqa: E501

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from bot.aws.records import Attributes
from bot.domain.message import stamp
from bot.domain.model import Client
from bot.domain.page import PageChange
from bot.domain.vocabulary import AccessLevel, Standing

if TYPE_CHECKING:
    from bot.domain.bulk import BulkName

CLIENTS = "clients"
DUE = "due"
DUE_MESSAGES = "due messages"
DUE_PAGES = "due pages"
DUE_CHANGES = "due changes"
DUE_KITS = "due kits"
DUE_HOMES = "due homes"
INVITATIONS = "invitations"
REFUSED = "refused"
REFUSED_INVITED = "refused#invited"
EVENT = "event#"
AUDIT = "audit#"
STACK_AUDIT = "asked#"
BOOK = "book"
CHANGE = "change#"
_DIGEST = 8
_DESCENDING = str.maketrans("0123456789", "9876543210")


def texts(**values: str) -> Attributes:
    """Return string attributes."""
    return {name: {"S": value} for name, value in values.items()}


def values(**texts: str) -> Attributes:
    """Return string attributes as values for an expression, each by its name after a colon."""
    return {f":{name}": {"S": value} for name, value in texts.items()}


def partition(kind: str, *of: str) -> str:
    """Return the partition of one thing of a kind, such as `role#<account>#<role>`."""
    return "#".join((kind, *of))


def key(kind: str, *of: str, sort: str = "") -> Attributes:
    """Return the key of an item. What is alone in its partition sorts by its kind."""
    return texts(pk=partition(kind, *of), sk=sort or kind)


def page(team: str, number: int) -> Attributes:
    """Return the key of a team's page."""
    return key("page", team, str(number))


def kit(team: str) -> Attributes:
    """Return the key of a team's kit."""
    return key("kit", team)


def app_home(user_id: str) -> Attributes:
    """Return the key of one person's App Home."""
    return key("home", user_id)


def bulk(name: BulkName) -> Attributes:
    """Return the key of a press on several requests; those of one message lie together, in their order."""
    return key("bulks", name.owner, sort=f"{name.place}#{name.number:04}")


def waiting(change: PageChange) -> Attributes:
    """Return the key of a change that waits for its page; a team's oldest come first."""
    place = f"{CHANGE}{stamp(change.asked_at)}#{change.client_id}#{change.key}"
    return key("team", change.team, sort=place)


def place_in_time(group: str, at: datetime | None) -> Attributes:
    """Return the place in the index `attention` of what is due then; none where nothing is."""
    return texts(gsi2pk=group, gsi2sk=stamp(at)) if at is not None else {}


def position(client: Client) -> str:
    """Return the client's place in the listing, by age."""
    return f"{stamp(client.created_at)}#{client.id}"


def standing(of: Standing) -> str:
    """Return the group of clients that stand so in the index `attention`."""
    return partition("standing", of)


def level(of: AccessLevel) -> str:
    """Return the group of clients whose access is of this level in the index `attention`."""
    return partition("level", of)


def words_beginning(with_letter: str) -> str:
    """Return the group in the listing of all words that begin with this letter or digit."""
    return partition("word", with_letter)


def word(client_id: str, text: str) -> Attributes:
    """Return the key of the item by which the client is found under a word of `words_of`."""
    return key("words", client_id, sort=text[1:])


def word_item(client: Client, text: str) -> Attributes:
    """Return that item. Among the clients of one word the nearest to their name come first, of these the newest."""
    newest_first = stamp(client.created_at).translate(_DESCENDING)
    place = partition(text[1:], text[0] + newest_first, client.id)
    return word(client.id, text) | texts(gsi1pk=words_beginning(text[1]), gsi1sk=place)


def start_key(group: str, cursor: str | None) -> Attributes | None:
    """Return where to continue a list of clients; None for no cursor, and for one that is not of this list."""
    place = place_of(group, cursor)
    if place is None:
        return None
    index = "gsi1" if group == CLIENTS else "gsi2"
    sort = "name" if group.startswith(partition("level", "")) else "client"
    own = key("client", place.partition("#")[2], sort=sort)
    return own | texts(**{f"{index}pk": group, f"{index}sk": place})


def cursor_to(of: str, place: str) -> str:
    """Return an opaque cursor that continues the list of this name after a place. The digest tells ours from others."""
    text = f"{of} {place}"
    return urlsafe_b64encode(f"{digest(text)[:_DIGEST]}{text}".encode()).decode()


def place_of(of: str, cursor: str | None) -> str | None:
    """Return the place after which to continue the list of this name; None for no cursor, and for a foreign one."""
    try:
        found = urlsafe_b64decode((cursor or "").encode("ascii")).decode("ascii")
    except ValueError:
        return None
    text = found[_DIGEST:]
    place = text.removeprefix(f"{of} ")
    return place if place and place != text and digest(text)[:_DIGEST] == found[:_DIGEST] else None


def digest(text: str) -> str:
    """Return the SHA-256 of a text."""
    return sha256(text.encode()).hexdigest()
