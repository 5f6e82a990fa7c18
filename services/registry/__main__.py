"""Run the document registry."""

import uvloop

from services.registry.bootstrap import wire
from shared.service import serve

if __name__ == "__main__":
    uvloop.run(serve("registry", wire))
