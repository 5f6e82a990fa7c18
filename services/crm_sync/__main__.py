"""Run the CRM-sync service."""

import uvloop

from services.crm_sync.bootstrap import wire
from shared.service import serve

if __name__ == "__main__":
    uvloop.run(serve("crm_sync", wire))
