"""A call is a connected component of statements over shared keys."""

from __future__ import annotations

from collections.abc import Sequence


def components(keys: Sequence[Sequence[str]]) -> list[list[int]]:
    """The connected components of items that share keys: lists of item indexes, each ascending, in order of first item.

    Items without keys are in none. Transitive and independent of order up to renumbering (union-find, near linear).
    """
    parent = list(range(len(keys)))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    owner: dict[str, int] = {}
    for item, names in enumerate(keys):
        for name in names:
            other = owner.setdefault(name, item)
            if other != item:
                one, two = root(other), root(item)
                if one != two:
                    parent[max(one, two)] = min(one, two)
    groups: dict[int, list[int]] = {}
    for item, names in enumerate(keys):
        if names:
            groups.setdefault(root(item), []).append(item)
    return list(groups.values())
