"""What the tests of the PandaDoc dialect share."""

import pytest

from tests.ingress.pandadoc.crm import Crm
from tests.support.workspace import Workspace


@pytest.fixture
async def crm(workspace: Workspace) -> Crm:
    """A workspace that is connected to Pipedrive, where deal 134 is known."""
    made = Crm(workspace)
    await made.connect()
    await made.put()
    return made
