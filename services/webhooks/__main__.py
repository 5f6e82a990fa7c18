"""Run the webhook service."""

import uvloop

from services.webhooks.bootstrap import wire
from shared.service import serve

if __name__ == "__main__":
    uvloop.run(serve("webhooks", wire))
