from typing import Any

import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteError,
    WTimeoutError,
)

from shared.errors import StoreUnavailable
from shared.store.faults import Duplicate, passing_faults, write_faults

PASSING = [
    AutoReconnect,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WTimeoutError,
]


@pytest.mark.parametrize("fault", PASSING)
def test_what_the_driver_raises_while_the_database_is_away_passes(fault: type[Exception]) -> None:
    with pytest.raises(StoreUnavailable, match=fault.__name__), passing_faults():
        raise fault("x" * 10_000)


def test_what_the_database_refuses_does_not_pass() -> None:
    with pytest.raises(OperationFailure), passing_faults():
        raise OperationFailure("not authorised", 13)


def _failed(*codes: int, **details: Any) -> BulkWriteError:
    errors = [
        {"index": index, "code": code, "errmsg": f"code {code}"} for index, code in enumerate(codes)
    ]
    return BulkWriteError({"writeErrors": errors, "writeConcernErrors": [], **details})


def test_each_write_of_a_batch_has_its_own_fault() -> None:
    faults = list(write_faults(_failed(11000, 189, 121)))
    assert [index for index, _ in faults] == [0, 1, 2]
    assert [type(fault) for _, fault in faults] == [Duplicate, StoreUnavailable, WriteError]
    assert [str(fault)[:8] for _, fault in faults[:2]] == ["code 110", "code 189"]


def test_a_batch_that_is_not_replicated_may_be_undone_as_a_whole() -> None:
    concern = [{"code": 64, "errmsg": "waiting for replication timed out"}]
    with pytest.raises(StoreUnavailable, match="replication"):
        list(write_faults(_failed(11000, writeConcernErrors=concern)))
