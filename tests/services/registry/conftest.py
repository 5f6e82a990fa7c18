import pytest

from tests.services.registry.caller import Caller
from tests.support.bus import Outsider
from tests.support.workspace import Workspace


@pytest.fixture
def caller(workspace: Workspace, outsider: Outsider) -> Caller:
    return Caller(workspace, outsider)
