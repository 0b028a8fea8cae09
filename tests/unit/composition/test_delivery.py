"""The poisonous record is found alone and shelved; the innocent ones around it are not."""

import pytest

from composition.delivery import Deliveries


def process(tmp_path, poison: int, total: int, batch: int, shelved: list[int], done: set[int]) -> bool:
    """One life of a pipeline that starts at the beginning; False when the poison killed it."""
    deliveries = Deliveries(tmp_path / "delivery")
    after = 0
    while after < total:
        through = min(total, after + deliveries.limit("p.1", after, batch))
        deliveries.begin("p.1", after, through)
        if deliveries.must_shelve("p.1", after):
            shelved.append(after + 1)
        elif after < poison <= through:
            return False
        else:
            done.update(range(after + 1, through + 1))
        deliveries.survived("p.1", through)
        after = through
    deliveries.close()
    return True


@pytest.mark.parametrize("poison", [1, 2, 7, 499, 500, 501, 999, 1000])
@pytest.mark.parametrize("batch", [1, 3, 200, 2000])
def test_one_poisonous_record_is_shelved_alone(tmp_path, poison, batch):
    shelved: list[int] = []
    done: set[int] = set()
    lives = 1
    while not process(tmp_path, poison, 1000, batch, shelved, done):
        lives += 1
        assert lives < 40
    assert shelved == [poison]
    assert done == set(range(1, 1001)) - {poison}


def test_without_a_crash_nothing_is_halved(tmp_path):
    deliveries = Deliveries(tmp_path / "delivery")
    deliveries.begin("p.1", 0, 2000)
    deliveries.survived("p.1", 2000)
    deliveries.close()
    again = Deliveries(tmp_path / "delivery")
    assert again.suspect is None
    assert again.limit("p.1", 2000, 2000) == 2000


@pytest.mark.parametrize("content", [b"", b"{", b"\x00\x00", b'{"partition": 1}'])
def test_a_torn_file_suspects_nothing(tmp_path, content):
    (tmp_path / "delivery").write_bytes(content)
    assert Deliveries(tmp_path / "delivery").suspect is None


def test_another_partition_is_not_suspect(tmp_path):
    first = Deliveries(tmp_path / "delivery")
    first.begin("p.1", 0, 2000)
    second = Deliveries(tmp_path / "delivery")
    assert second.limit("q.1", 0, 2000) == 2000
    assert second.limit("p.1", 0, 2000) == 1000
