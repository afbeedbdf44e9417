"""The keys of the one table, as `dynamodb.py` describes them, and the cursor that leads through its listing."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from bot.aws.records import Attributes
from bot.domain.invitation import RefusedAttempts
from bot.domain.message import stamp
from bot.domain.model import Audit, Client, Event
from bot.domain.policy import company_key

CLIENTS = "clients"
DUE = "due"
DUE_MESSAGES = "due messages"
INVITATIONS = "invitations"
REFUSED = "refused"
REFUSED_INVITED = "refused#invited"
"""Attempts with one of our invitations, which may be stolen."""
EVENT_PREFIX = "event#"
AUDIT_PREFIX = "audit#"
STACK_AUDIT_PREFIX = "asked#"
"""What a client's own stack did, so that it can't displace what people decided."""
_DIGEST = 8


def texts(**values: str) -> Attributes:
    """Return string attributes."""
    return {name: {"S": value} for name, value in values.items()}


TURN = texts(pk="turn", sk="turn")
"""The Turn: whose group the sweep compares next."""


def client_key(client_id: str) -> Attributes:
    """Return the key of the Client."""
    return texts(pk=partition_of(client_id), sk="client")


def name_key(client_id: str) -> Attributes:
    """Return the key of the Client's copy for a search by name."""
    return texts(pk=partition_of(client_id), sk="name")


def event_key(client_id: str, event: Event) -> Attributes:
    """Return the key of an Event, in the order of the events' own times."""
    sk = f"{EVENT_PREFIX}{stamp(event.timestamp)}#{_digest(event.key)}"
    return texts(pk=partition_of(client_id), sk=sk)


def seen_key(client_id: str, event: Event) -> Attributes:
    """Return the key that says that an event is stored, whatever its time."""
    return texts(pk=partition_of(client_id), sk=f"seen#{_digest(event.key)}")


def audit_key(audit: Audit, tie: str) -> Attributes:
    """Return the key of an Audit; `tie` orders those of one instant."""
    prefix = STACK_AUDIT_PREFIX if audit.of_client else AUDIT_PREFIX
    return texts(pk=partition_of(audit.client_id), sk=f"{prefix}{stamp(audit.at)}#{tie}")


def message_key(owner: str, place: str) -> Attributes:
    """Return the key of a Message, in its client's order. Messages lie apart, since Lambdas change them in place."""
    return texts(pk=messages_of(owner), sk=place)


def messages_of(owner: str) -> str:
    """Return the partition of a client's messages."""
    return f"messages#{owner}"


def request_key(request_id: str) -> Attributes:
    """Return the key of the Request."""
    return texts(pk=f"request#{request_id}", sk="request")


def invitation_key(token_hash: str) -> Attributes:
    """Return the key of the Invitation."""
    return texts(pk=f"invitation#{token_hash}", sk="invitation")


def refused_key(attempt: RefusedAttempts) -> Attributes:
    """Return the key of what one account was refused with one invitation, or with none of ours."""
    return texts(pk=f"refused#{attempt.account_id}", sk=f"invitation#{attempt.token_hash}")


def refused_person_key(client_id: str, actor: str) -> Attributes:
    """Return the key of what one person was refused about one client."""
    return texts(pk=refused_people(client_id), sk=f"person#{actor}")


def refused_people(client_id: str) -> str:
    """Return the partition of people who were refused something about one client, also in the listing."""
    return f"refused#{client_id}"


def command_key(mark: str) -> Attributes:
    """Return the key that says that a signed command has come."""
    return texts(pk=f"command#{mark}", sk="command")


def stack_key(parent_stack_id: str) -> Attributes:
    """Return the key that says whose client a parent stack is."""
    return texts(pk=f"stack#{parent_stack_id}", sk="claim")


def gone_key(parent_stack_id: str) -> Attributes:
    """Return the key of the reported deletion of a parent stack."""
    return texts(pk=f"stack#{parent_stack_id}", sk="gone")


def account_key(account_id: str) -> Attributes:
    """Return the key of the Account."""
    return texts(pk=f"account#{account_id}", sk="account")


def role_key(account_id: str, role_name: str) -> Attributes:
    """Return the key that says whose client an access role is."""
    return texts(pk=f"role#{account_id}#{role_name}", sk="claim")


def holder_key(account_id: str, role_name: str, client_id: str) -> Attributes:
    """Return the key that says that a client has claimed an access role, whoever has it now."""
    return role_key(account_id, role_name) | texts(sk=f"holder#{client_id}")


def partition_of(client_id: str) -> str:
    """Return the partition of everything about one client."""
    return f"client#{client_id}"


def name_partition(company: str) -> str:
    """Return the partition in the listing of clients with the same company name."""
    return f"name#{company_key(company)}"


def position(client: Client) -> str:
    """Return the client's place in the listing, by age."""
    return f"{stamp(client.created_at)}#{client.id}"


def cursor_after(client: Client) -> str:
    """Return an opaque cursor that continues after this client. The digest tells ours from anything else."""
    return _cursor(position(client))


def start_key(cursor: str | None) -> Attributes | None:
    """Return where to continue the listing; None for no cursor, and for a foreign one."""
    place = _place(cursor)
    if place is None:
        return None
    return client_key(place.partition("#")[2]) | texts(gsi1pk=CLIENTS, gsi1sk=place)


def cursor_in_audit(client_id: str, item: Attributes) -> str:
    """Return an opaque cursor that continues after this line of the client's audit."""
    return _cursor(f"{client_id} {item['sk']['S'].removeprefix(AUDIT_PREFIX)}")


def place_in_audit(client_id: str, cursor: str | None) -> str | None:
    """Return after which line of the client's audit to continue; None for no cursor, and for a foreign one."""
    owner, _, place = (_place(cursor) or "").partition(" ")
    return place if owner == client_id and place else None


def _cursor(place: str) -> str:
    return urlsafe_b64encode(f"{_digest(place)[:_DIGEST]}{place}".encode()).decode()


def _place(cursor: str | None) -> str | None:
    try:
        text = urlsafe_b64decode((cursor or "").encode("ascii")).decode("ascii")
    except ValueError:
        return None
    digest, place = text[:_DIGEST], text[_DIGEST:]
    return place if place and _digest(place)[:_DIGEST] == digest else None


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
