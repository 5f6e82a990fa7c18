"""Signatures of URLs: who has such a URL may do one thing to one file, for a while, without a key.

HMAC-SHA256 over the method, the file's path and all of the query; nothing can be altered, added
or left out.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlencode

from contracts.errors import ErrorCode
from shared.errors import Refusal
from shared.ids import now
from shared.logs import logger

log = logger(__name__)
_EXPIRES, _SIGNATURE = "expires", "signature"


class Signer:
    """Signs URLs, and knows its own again.

    Args:
        secret: What all processes that serve the same callers have in common; empty: one of this
            process's own.
    """

    def __init__(self, secret: str) -> None:
        if not secret:
            log.warning(
                "signing.secret",
                text="DOCLINK_SIGNING_SECRET is empty; no other process"
                " will accept the URLs that this one signs, nor this one when restarted",
            )
        self._secret = (secret or secrets.token_hex()).encode()

    def query(self, method: str, path: str, until: datetime, **terms: str) -> str:
        """The query of a URL that allows `method` on `path` until then, on these terms."""
        pairs = [*terms.items(), (_EXPIRES, str(int(until.timestamp())))]
        return urlencode([*pairs, (_SIGNATURE, self._signature(method, path, pairs))])

    def terms(self, method: str, path: str, query: Iterable[tuple[str, str]]) -> dict[str, str]:
        """The terms on which a query allows `method` on `path`.

        Raises:
            Refusal: `invalid_signature`: it does not allow this, or no longer.
        """
        given = list(query)
        pairs = [(name, value) for name, value in given if name != _SIGNATURE]
        signatures = [value for name, value in given if name == _SIGNATURE]
        right = self._signature(method, path, pairs)
        if len(signatures) != 1 or not _same(signatures[0], right):
            raise Refusal(ErrorCode.INVALID_SIGNATURE, "The URL is not as we have signed it")
        terms = dict(pairs)
        if int(terms.pop(_EXPIRES)) <= now().timestamp():
            raise Refusal(ErrorCode.INVALID_SIGNATURE, "The URL has expired")
        return terms

    def _signature(self, method: str, path: str, pairs: Iterable[tuple[str, str]]) -> str:
        # JSON, since with mere separators the same text could stand for two requests.
        text = json.dumps([method, path, sorted(pairs)])
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
