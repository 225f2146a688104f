"""What somebody is called who was erased."""

from hashlib import blake2b


def hidden_name(secret: str, org_id: str, user_id: str) -> str:
    """The name under which withdrawals of an erased person's tokens stay in force. Only who has the deployment's secret
    can tell whose it is, and only by trying."""
    person = f"{org_id}\n{user_id}".encode()
    return "erased-" + blake2b(person, digest_size=16, key=blake2b(secret.encode()).digest()).hexdigest()
