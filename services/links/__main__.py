"""Run the link service."""

import uvloop

from services.links.bootstrap import wire
from shared.service import serve

if __name__ == "__main__":
    uvloop.run(serve("links", wire))
