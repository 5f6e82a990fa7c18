"""An infrastructure of our own: these tests break it."""

from collections.abc import Iterator

import pytest

from deploy.local.infrastructure import AMQP_URL, MONGO_URL, OBJECTS_URL, Infrastructure

OURS = (
    *(AMQP_URL, MONGO_URL, OBJECTS_URL, "DOCLINK_LOCAL_DIR", "DOCLINK_DATA_DIR"),
    *("DOCLINK_HTTP_PORT", "DOCLINK_AMQP_PORT", "DOCLINK_MONGO_PORT"),
)


@pytest.fixture(scope="package", autouse=True)
def _plain_environment() -> Iterator[None]:
    """Local programs, and nothing of what the caller's shell is set up for."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OURS:
            patch.delenv(name, raising=False)
        patch.setenv("DOCLINK_CONTAINERS", "off")
        yield


@pytest.fixture(scope="package")
def infrastructure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Infrastructure]:
    with Infrastructure(tmp_path_factory.mktemp("data folder")) as infrastructure:
        yield infrastructure
