"""Groups of classes that are mistaken for each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CIFAR100_SUPERCLASSES", "group_of_each", "groups_by_position", "listed_groups"]

# The 20 superclasses of CIFAR-100, five classes each, by the names in its meta file (Krizhevsky, 2009). A fine label
# decides the coarse one, so that the table says all that the coarse labels of the files say.
CIFAR100_SUPERCLASSES: dict[str, tuple[str, ...]] = {
    "aquatic_mammals": ("beaver", "dolphin", "otter", "seal", "whale"),
    "fish": ("aquarium_fish", "flatfish", "ray", "shark", "trout"),
    "flowers": ("orchid", "poppy", "rose", "sunflower", "tulip"),
    "food_containers": ("bottle", "bowl", "can", "cup", "plate"),
    "fruit_and_vegetables": ("apple", "mushroom", "orange", "pear", "sweet_pepper"),
    "household_electrical_devices": ("clock", "keyboard", "lamp", "telephone", "television"),
    "household_furniture": ("bed", "chair", "couch", "table", "wardrobe"),
    "insects": ("bee", "beetle", "butterfly", "caterpillar", "cockroach"),
    "large_carnivores": ("bear", "leopard", "lion", "tiger", "wolf"),
    "large_man-made_outdoor_things": ("bridge", "castle", "house", "road", "skyscraper"),
    "large_natural_outdoor_scenes": ("cloud", "forest", "mountain", "plain", "sea"),
    "large_omnivores_and_herbivores": ("camel", "cattle", "chimpanzee", "elephant", "kangaroo"),
    "medium_mammals": ("fox", "porcupine", "possum", "raccoon", "skunk"),
    "non-insect_invertebrates": ("crab", "lobster", "snail", "spider", "worm"),
    "people": ("baby", "boy", "girl", "man", "woman"),
    "reptiles": ("crocodile", "dinosaur", "lizard", "snake", "turtle"),
    "small_mammals": ("hamster", "mouse", "rabbit", "shrew", "squirrel"),
    "trees": ("maple_tree", "oak_tree", "palm_tree", "pine_tree", "willow_tree"),
    "vehicles_1": ("bicycle", "bus", "motorcycle", "pickup_truck", "train"),
    "vehicles_2": ("lawn_mower", "rocket", "streetcar", "tank", "tractor"),
}

Groups = Mapping[Any, Any] | Iterable[Iterable[Any]]


def listed_groups(groups: Groups) -> list[list[Any]]:
    """Return groups as lists of classes, of a mapping from class to group too."""
    if isinstance(groups, Mapping):
        found: dict[Any, list[Any]] = {}
        for name, group in groups.items():
            found.setdefault(group, []).append(name)
        return list(found.values())
    listed = list(groups)
    if isinstance(groups, str) or any(isinstance(group, str) or not isinstance(group, Iterable) for group in listed):
        raise ValueError(
            f"Groups must be a mapping of class to group, or a list of lists of classes, got {groups!r}."
        )
    return [list(group) for group in listed]


def groups_by_position(groups: Groups, names: Sequence[str]) -> list[list[Any]]:
    """Replace the names of classes by their positions, which are the labels of a `skal.datasets.Dataset`.

    Parameters
    ----------
    groups : dict of class to group, or iterable of iterables of classes
        By name; what is no text, such as a label, stays as it is.
    names : sequence of str
        Names of the classes, in the order of their labels: ``dataset.classes``.

    Returns
    -------
    list of list
        The groups, for `NoisyOracle`.

    Raises
    ------
    ValueError
        If there is no class of a name.

    Examples
    --------
    >>> groups_by_position([["cat", "dog"], ["bus", "car"]], ["bus", "car", "cat", "dog"])
    [[2, 3], [0, 1]]
    """
    places = {name: place for place, name in enumerate(names)}
    listed = listed_groups(groups)
    unknown = [name for group in listed for name in group if isinstance(name, str) and name not in places]
    if unknown:
        raise ValueError(
            f"Groups hold {', '.join(map(repr, unknown[:5]))}, which is no class; there are "
            f"{', '.join(names[:20])}{', ...' if len(names) > 20 else ''}."
        )
    return [[places[name] if isinstance(name, str) else name for name in group] for group in listed]


def group_of_each(groups: Groups | None, classes: NDArray[Any]) -> NDArray[np.intp]:
    """Return the number of each class's group, of shape (C,); without groups all classes are in one."""
    if groups is None:
        return np.zeros(len(classes), dtype=np.intp)
    listed = listed_groups(groups)
    number: dict[Any, int] = {}
    for group, members in enumerate(listed):
        for label in members:
            if label in number:
                raise ValueError(f"NoisyOracle: a class is in one group, but {label!r} is there twice.")
            number[label] = group
    labels = classes.tolist()
    if missing := [label for label in labels if label not in number]:
        raise ValueError(
            f"NoisyOracle: every class must be in a group, {_few(missing)} is in none; the groups are {_few(listed)}."
        )
    if unknown := [label for label in number if label not in labels]:
        raise ValueError(f"NoisyOracle: groups hold {_few(unknown)}, which is no class; there are {_few(labels)}.")
    found = np.array([number[label] for label in labels], dtype=np.intp)
    alone = [label for label, group in zip(labels, found, strict=True) if (found == group).sum() == 1]
    if alone:
        raise ValueError(
            f"NoisyOracle: {_few(alone)} is alone in its group, with nothing to be taken for. Put it into a larger "
            "group, or say by a confusion matrix that it is never taken for another."
        )
    return np.unique(found, return_inverse=True)[1].astype(np.intp)


def _few(items: Sequence[Any]) -> str:
    return ", ".join(map(repr, items[:8])) + (", ..." if len(items) > 8 else "")
