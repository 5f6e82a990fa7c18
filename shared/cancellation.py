"""Cancellation: whether it is we who are to end, or only what we wait for."""

import asyncio


def is_being_cancelled() -> bool:
    """Whether somebody wants the current task to end; false outside of a task.

    A `CancelledError` does not say so by itself: it is also what a cancelled future raises in
    everybody who waits for it.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
