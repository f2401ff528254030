"""Reading the vocabulary: data that every other room refers to by id."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from tocsin.errors import Misconfigured, Rejected
from tocsin.records import MessageClass

LANGUAGES = ("en", "ar", "fr", "zh", "ru", "es")


@dataclass(frozen=True, slots=True)
class Term:
    """One category.

    Args:
        id: a class (`fraud`) or a class and a kind (`fraud.parcel`).
        broader: the id of the class it belongs to; empty for a class.
        labels: its name by language.
    """

    id: str
    broader: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One version of the words.

    Args:
        version: which one.
        categories: by id.
        policies: which classes count as spam, by the policy's name.
    """

    version: str
    categories: Mapping[str, Term]
    policies: Mapping[str, frozenset[MessageClass]]


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary of this version.

    Raises:
        Misconfigured: a label is missing in one of the six languages, or a class is unknown.
    """
    file = resources.files("tocsin.vocabulary") / "data" / "categories.yaml"
    data: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    terms = {
        name: Term(name, name.partition(".")[0] if "." in name else "", labels)
        for name, labels in data["categories"].items()
    }
    for term in terms.values():
        if set(term.labels) != set(LANGUAGES) or term.id.partition(".")[0] not in set(MessageClass):
            raise Misconfigured(f"the category {term.id} is incomplete")
    policies = {name: frozenset(map(MessageClass, classes)) for name, classes in data["policies"].items()}
    return Vocabulary(data["version"], terms, policies)


def label(category: str, language: str) -> str:
    """Return a category's name in a language, in English where there is none."""
    labels = vocabulary().categories[category].labels
    return labels.get(language, labels["en"])


def classes_of(policy: str) -> frozenset[MessageClass]:
    """Return the classes that a policy counts as spam.

    Raises:
        Rejected: no policy has this name.
    """
    found = vocabulary().policies.get(policy)
    if found is None:
        raise Rejected("policy.unknown", "policy", f"one of {', '.join(vocabulary().policies)}")
    return found
