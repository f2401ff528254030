"""Jobs: written with their cause, run later, tried again, and parked rather than lost."""

from tocsin.ports import SeededChance, SetClock
from tocsin.records import SECOND
from tocsin.storage import jobs
from tocsin.storage.engine import Storage


def fails(_payload: bytes) -> None:
    raise RuntimeError("no luck")


def enqueue(storage: Storage, kind: str, at: int = 0) -> None:
    with storage.writing() as connection:
        jobs.add(connection, kind, [b"x"], at, SeededChance(1))


def test_a_due_job_runs_once(storage: Storage) -> None:
    """A job runs with its payload, and never again after it succeeded."""
    enqueue(storage, "greet")
    seen: list[bytes] = []
    worker = jobs.Worker(storage, {"greet": seen.append}, SetClock(SECOND))
    assert worker.run_due() == jobs.Outcome(1, 0, 0)
    assert worker.run_due() == jobs.Outcome(0, 0, 0)
    assert seen == [b"x"]


def test_a_job_waits_until_it_is_due(storage: Storage) -> None:
    """A job of the future is left alone."""
    enqueue(storage, "greet", at=10 * SECOND)
    assert jobs.Worker(storage, {"greet": fails}, SetClock(SECOND)).run_due() == jobs.Outcome(0, 0, 0)


def test_a_failing_job_backs_off_and_is_parked_with_its_error(storage: Storage) -> None:
    """Each failure doubles the wait; the last one parks the job with its reason."""
    enqueue(storage, "greet")
    clock = SetClock(SECOND)
    worker = jobs.Worker(storage, {"greet": fails}, clock)
    for attempt in range(1, jobs.ATTEMPTS):
        assert worker.run_due() == jobs.Outcome(0, 1, 0)
        assert worker.run_due() == jobs.Outcome(0, 0, 0)
        clock.at += 2**attempt * SECOND
    assert worker.run_due() == jobs.Outcome(0, 0, 1)
    with storage.reading() as connection:
        [(_, kind, error)] = jobs.parked(connection)
    assert (kind, error) == ("greet", "RuntimeError: no luck")


def test_a_parked_job_can_be_released(storage: Storage) -> None:
    """A job without a handler is parked at once; released, it runs when there is one."""
    enqueue(storage, "greet")
    clock = SetClock(SECOND)
    assert jobs.Worker(storage, {}, clock).run_due() == jobs.Outcome(0, 0, 1)
    with storage.writing() as connection:
        assert jobs.release(connection, clock.now()) == 1
    seen: list[bytes] = []
    assert jobs.Worker(storage, {"greet": seen.append}, clock).run_due().done == 1


def test_a_dead_workers_job_comes_back(storage: Storage) -> None:
    """A worker that dies in the middle of a job loses its lease, and the job runs again."""
    enqueue(storage, "greet")
    clock = SetClock(SECOND)

    def die(_payload: bytes) -> None:
        raise KeyboardInterrupt

    try:
        jobs.Worker(storage, {"greet": die}, clock).run_due()
    except KeyboardInterrupt:
        clock.at += jobs.LEASE
    assert jobs.Worker(storage, {"greet": lambda _: None}, clock).run_due().done == 1
