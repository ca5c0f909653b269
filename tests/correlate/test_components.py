"""Statements join into calls transitively, whatever their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ringbook.correlate.components import components

KEYS = st.lists(st.lists(st.sampled_from("abcdefghijkl"), max_size=3), max_size=14)


def test_a_chain_is_one_call() -> None:
    assert components([["a"], ["b"], ["a", "b"]]) == [[0, 1, 2]]
    assert components([["a"], ["b"], ["c"], ["b", "c"], ["a", "b"]]) == [[0, 1, 2, 3, 4]]


def test_what_has_no_key_is_in_no_call() -> None:
    assert components([[], ["a"], []]) == [[1]]


@given(KEYS)
def test_every_item_with_a_key_is_in_exactly_one_component(keys: list[list[str]]) -> None:
    found = components(keys)
    assert sorted(item for group in found for item in group) == [
        item for item, names in enumerate(keys) if names
    ]
    assert all(group == sorted(group) for group in found)
    assert [group[0] for group in found] == sorted(group[0] for group in found)


@given(KEYS)
def test_items_are_together_just_when_shared_keys_lead_from_one_to_the_other(keys: list[list[str]]) -> None:
    """Against the definition, walked out naively."""
    together = {item: number for number, group in enumerate(components(keys)) for item in group}
    for item, names in enumerate(keys):
        if not names:
            continue
        reached, todo = {item}, [item]
        while todo:
            here = todo.pop()
            fresh = {other for other, theirs in enumerate(keys) if set(theirs) & set(keys[here])} - reached
            reached |= fresh
            todo += fresh
        assert {other for other, number in together.items() if number == together[item]} == reached


@given(KEYS, st.randoms())
def test_order_and_repetition_do_not_matter(keys: list[list[str]], chance: object) -> None:
    items = [(f"item {number}", names) for number, names in enumerate(keys)]
    shuffled = items + items[: len(items) // 2]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    def grouped(these: list[tuple[str, list[str]]]) -> set[frozenset[str]]:
        return {
            frozenset(these[index][0] for index in group)
            for group in components([names for _, names in these])
        }

    assert grouped(shuffled) == grouped(items)
