"""What is concluded from a measurement."""

from loadtest.capacity.measure import Level, Measured
from loadtest.capacity.projection import in_words, project

MEASURED = Measured(
    level=Level(database="postgresql", candidates=1_000, pace_s=10, seconds=15),
    answers_per_s=100,
    node_cpu=0.1,
    database_cpu=0.02,
    node_us_per_answer=1_000,
    database_us_per_answer=200,
    ack_ms_p50=1,
    ack_ms_p99=5,
    behind_ms=1,
    node_kib=32,
    bytes_per_record=600,
    come_s=1,
    connect_us=500,
    start_s=0.1,
    return_s=1,
)


def test_everything_grows_in_proportion_and_half_of_each_core_stays_free() -> None:
    wanted = project(MEASURED, 1_000_000)
    assert (wanted.node_cores, wanted.database_cores) == (200, 40)
    assert round(wanted.memory_gib, 1) == 30.5
    assert wanted.records_per_s == 100_000
    assert round(wanted.gib_per_hour) == 201
    assert wanted.come_s == 2.5


def test_cores_are_whole() -> None:
    assert project(MEASURED, 1_001).node_cores == 1


def test_it_is_said_in_one_line() -> None:
    assert in_words(project(MEASURED, 1_000_000)) == (
        "1,000,000 candidates take 200 × half a core for nodes, 40 × half a core for databases; 31 GiB of memory;"
        " 100,000 records/s, 201 GiB/h; all who come at once are in after 2.5 s"
    )
