"""The poisonous record is found alone and shelved; the innocent ones around it are not."""

import pytest

from composition.delivery import MOST_RANGES, Deliveries, Range
from core.record import Batch


def batch(partition, after, through, damaged=()):
    """A batch without its records' contents; `damaged` sequences are not in it."""
    sequences = [sequence for sequence in range(after + 1, through + 1) if sequence not in damaged]
    return Batch(partition, sequences, [None] * len(sequences), through, after)


class Life:
    """One life of a pipeline over partition `p.1`: takes, works, commits now and then or when told."""

    def __init__(self, tmp_path, durable, *, poison, at_commit, batch, commit_every):
        self.deliveries = Deliveries(tmp_path / "delivery")
        self.deliveries.passed({"p.1": durable})
        self.durable = self.next = durable
        self.poison, self.at_commit, self.batch, self.commit_every = poison, at_commit, batch, commit_every
        self.shelved = []

    def survives(self, total) -> bool:
        """False when the poison killed it."""
        uncommitted = 0
        poisoned = False
        while self.next < total:
            after = self.next
            through = min(total, after + self.deliveries.limit("p.1", after, self.batch))
            self.deliveries.begin(batch("p.1", after, through), after)
            if self.deliveries.must_shelve("p.1", after):
                assert through == after + 1
                self.shelved.append(through)
            elif after < self.poison <= through:
                poisoned = True
            if poisoned and not self.at_commit:
                return False
            self.next = through
            uncommitted += 1
            if self.deliveries.must_commit or uncommitted == self.commit_every or self.next == total:
                if poisoned:
                    return False
                self.durable = self.next
                self.deliveries.passed({"p.1": self.durable})
                uncommitted = 0
        self.deliveries.close()
        return True


@pytest.mark.parametrize("at_commit", [False, True])
@pytest.mark.parametrize("poison", [1, 2, 7, 499, 500, 501, 999, 1000])
@pytest.mark.parametrize(("batch", "commit_every"), [(1, 1), (1, 400), (3, 20), (200, 1), (200, 3), (2000, 1)])
def test_one_poisonous_record_is_shelved_alone(tmp_path, poison, at_commit, batch, commit_every):
    durable = 0
    lives = 0
    shelved = []
    while True:
        lives += 1
        assert lives < 40
        life = Life(tmp_path, durable, poison=poison, at_commit=at_commit, batch=batch, commit_every=commit_every)
        alive = life.survives(1000)
        shelved += life.shelved
        durable = life.durable
        if alive:
            break
    assert shelved == [poison]


def test_a_kill_from_outside_halves_nothing(tmp_path):
    first = Deliveries(tmp_path / "delivery")
    first.begin(batch("p.1", 0, 2000), 0)
    first.begin(batch("p.1", 2000, 4000), 2000)
    second = Deliveries(tmp_path / "delivery")
    assert second.suspects == (Range("p.1", 0, 4000, 4000),)
    assert second.must_commit
    assert second.limit("p.1", 0, 2000) == 2000
    second.begin(batch("p.1", 0, 2000), 0)
    second.passed({"p.1": 2000})
    assert second.limit("p.1", 2000, 5000) == 2000, "not across the edge"
    second.begin(batch("p.1", 2000, 4000), 2000)
    second.passed({"p.1": 4000})
    assert not second.must_commit and second.limit("p.1", 4000, 5000) == 5000


def test_what_is_durable_is_not_suspect(tmp_path):
    first = Deliveries(tmp_path / "delivery")
    first.begin(batch("p.1", 0, 2000), 0)
    first.begin(batch("q.1", 0, 10), 0)
    first.passed({"p.1": 500, "q.1": 10})
    second = Deliveries(tmp_path / "delivery")
    assert second.suspects == (Range("p.1", 500, 2000, 1500),)
    second.passed({})
    assert second.suspects == (), "the partition is no more"


def test_a_clean_end_leaves_nothing(tmp_path):
    first = Deliveries(tmp_path / "delivery")
    first.begin(batch("p.1", 0, 2000), 0)
    first.passed({"p.1": 2000})
    first.close()
    assert Deliveries(tmp_path / "delivery").suspects == ()


def test_a_range_told_again_is_the_same_delivery(tmp_path):
    """The database was away in the middle of a batch: it is worked on again in the same life."""
    Deliveries(tmp_path / "delivery").begin(batch("p.1", 0, 1), 0)
    second = Deliveries(tmp_path / "delivery")
    for _ in range(5):
        second.begin(batch("p.1", 0, 1), 0)
    assert Deliveries(tmp_path / "delivery").suspects == (Range("p.1", 0, 1, 1, 2),)


def test_the_note_holds_what_is_in_work_whatever_the_number_of_partitions(tmp_path):
    first = Deliveries(tmp_path / "delivery")
    size = (tmp_path / "delivery").stat().st_size
    names = [f"replay-{number:016x}-999.{number:012x}" for number in range(MOST_RANGES)]
    for name in names:
        assert not first.must_commit
        first.begin(batch(name, 10**17, 10**17 + 2000), 10**17)
    assert first.must_commit
    assert (tmp_path / "delivery").stat().st_size == size
    assert {each.partition for each in Deliveries(tmp_path / "delivery").suspects} == set(names)


@pytest.mark.parametrize("content", [b"", b"{", b"\x00\x00", b'{"partition": 1}', b'[{"partition": "p.1"}]'])
def test_a_torn_file_suspects_nothing(tmp_path, content):
    (tmp_path / "delivery").write_bytes(content)
    assert Deliveries(tmp_path / "delivery").suspects == ()


def test_another_partition_is_not_suspect(tmp_path):
    first = Deliveries(tmp_path / "delivery")
    first.begin(batch("p.1", 0, 2000), 0)
    second = Deliveries(tmp_path / "delivery")
    second.begin(batch("p.1", 0, 2000), 0)
    third = Deliveries(tmp_path / "delivery")
    assert third.limit("q.1", 0, 2000) == 2000
    assert third.limit("p.1", 0, 2000) == 1000


@pytest.mark.parametrize("damaged", [{6}, {6, 8}, {5, 6, 8, 9, 10}, set(range(1, 7)), {8}, {1, 2, 3}])
def test_damage_around_the_poison_hides_it_not(tmp_path, damaged):
    """Record 7 ends the process; its neighbours were set aside by the spool, so a sequence is not a record."""
    lives = after = 0
    while lives < 40:
        lives += 1
        deliveries = Deliveries(tmp_path / "delivery")
        deliveries.passed({"p.1": after})
        died = False
        while after < 10:
            limit = deliveries.limit("p.1", after, 2000)
            whole = [sequence for sequence in range(after + 1, 11) if sequence not in damaged]
            taken = whole[:limit]
            through = taken[-1] if len(taken) < len(whole) else 10
            deliveries.begin(Batch("p.1", taken, [None] * len(taken), through, after), after)
            if 7 in taken and not deliveries.must_shelve("p.1", after):
                died = True
                break
            if 7 in taken:
                assert taken == [7]
            after = through
            deliveries.passed({"p.1": after})
        if not died:
            return
    raise AssertionError("it died for ever")
