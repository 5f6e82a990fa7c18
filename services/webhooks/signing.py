"""Signing: the headers by which a receiver knows that we sent something, and that it is whole.

Sources: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
and LeadLex's page Webhooks (`X-LeadLex-...`).
"""

import base64
import hashlib
import hmac
from datetime import datetime

from services.webhooks.delivery import Delivery
from services.webhooks.registration import SECRET_PREFIX


def headers(delivery: Delivery, secret: str, time: datetime) -> dict[str, str]:
    """The headers of one attempt.

    `webhook-id` is the event's id: whoever is sent an event again knows it by that.
    """
    body = delivery.body.encode()
    timestamp = str(int(time.timestamp()))
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    content = f"{delivery.event_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "LeadLex-Webhook/1.0",
        "webhook-id": delivery.event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
        # LeadLex takes the secret as it is written for the key.
        "X-LeadLex-Signature": f"sha256={hmac.digest(secret.encode(), body, hashlib.sha256).hex()}",
        "X-LeadLex-Timestamp": f"{time:%Y-%m-%dT%H:%M:%SZ}",
        "X-LeadLex-Delivery-ID": delivery.id,
    }
