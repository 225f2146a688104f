"""Signatures of requests to S3 and to what speaks like it: AWS Signature Version 4, with the digest of the body in it
(https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html)."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec


class SigningKey(msgspec.Struct, frozen=True):
    """Who signs: a key's id and its secret, and the region of the bucket."""

    key_id: str
    secret: str
    region: str


def signed(
    key: SigningKey, method: str, host: str, path: str, headers: Mapping[str, str], data: bytes, now_s: float
) -> dict[str, str]:
    """The headers to send, all of them signed. `path` as it stands in the request, percent-encoded, without a query;
    the names of `headers` in lower case."""
    moment = datetime.fromtimestamp(now_s, UTC).strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(data).hexdigest()
    sent = {**headers, "host": host, "x-amz-content-sha256": digest, "x-amz-date": moment}
    names = sorted(sent)
    listed = ";".join(names)
    lines = "".join(f"{name}:{' '.join(sent[name].split())}\n" for name in names)
    request = f"{method}\n{path}\n\n{lines}\n{listed}\n{digest}"
    scope = f"{moment[:8]}/{key.region}/s3/aws4_request"
    told = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    secret = f"AWS4{key.secret}".encode()
    for part in scope.split("/"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    signature = hmac.digest(secret, told.encode(), "sha256").hex()
    who = f"AWS4-HMAC-SHA256 Credential={key.key_id}/{scope},SignedHeaders={listed},Signature={signature}"
    return {**sent, "authorization": who}
