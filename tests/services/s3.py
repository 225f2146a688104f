"""A private S3, which keeps nothing: the server of moto, with one bucket."""

import os
import sys
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from typing import ClassVar, Final

from storage.media_bucket import parse_bucket
from storage.signing import signed
from tests.services.patience import PATIENCE_S
from tests.services.server import PrivateServer

_PLACE: Final = (
    b"<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>"
)


class S3Server(PrivateServer):
    name: ClassVar = "s3"
    ready_line: ClassVar = "Running on"

    @property
    def bucket(self) -> str:
        """The setting that names its bucket."""
        return f"http://exams:s%2Fecret@{self.host}:{self.port}/exams?region=eu-central-1"

    def empty(self) -> None:
        """Drops all that it has, and makes the bucket anew."""
        self._ask("POST", "/moto-api/reset", b"")
        self._ask("PUT", "/exams", _PLACE)

    def _ask(self, method: str, path: str, data: bytes) -> None:
        bucket = parse_bucket(self.bucket)
        headers = signed(bucket.key, method, bucket.host, path, {"content-type": "text/xml"}, data, time.time())
        connection = HTTPConnection(self.host, self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, data, headers)
            response = connection.getresponse()
            assert response.status == 200, response.read()
        finally:
            connection.close()

    def _argv(self) -> Sequence[str | os.PathLike[str]]:
        return [sys.executable, "-m", "moto.server", "--host", self.host, "--port", str(self.port)]
