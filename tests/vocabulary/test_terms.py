"""The vocabulary is whole: every term in every language, every policy of known classes."""

import pytest

from tocsin.errors import Rejected
from tocsin.records import MessageClass
from tocsin.vocabulary.terms import LANGUAGES, classes_of, label, vocabulary

TERMS = sorted(vocabulary().categories)


@pytest.mark.parametrize("name", TERMS)
def test_each_term_has_a_label_in_each_language(name: str) -> None:
    """No label is missing or blank in any of the six languages."""
    assert all(label(name, language).strip() for language in LANGUAGES)


@pytest.mark.parametrize("name", TERMS)
def test_each_term_belongs_to_a_class(name: str) -> None:
    """A kind's broader term is a class that is itself a term."""
    assert (vocabulary().categories[name].broader or name) in set(MessageClass)


@pytest.mark.parametrize("name", list(MessageClass))
def test_each_class_is_a_term(name: MessageClass) -> None:
    """Every class that a model can give has a term."""
    assert name.value in vocabulary().categories


def test_a_language_without_labels_falls_back_to_english() -> None:
    """A label in an unknown language is the English one."""
    assert label("fraud", "tlh") == "Fraud"


@pytest.mark.parametrize(
    ("policy", "classes"),
    [("unwanted", {"fraud", "malware", "commercial", "nuisance"}), ("fraud", {"fraud", "malware"})],
)
def test_a_policy_names_the_classes_it_counts(policy: str, classes: set[str]) -> None:
    """The policies count the classes that they are documented to count."""
    assert classes_of(policy) == classes


def test_an_unknown_policy_is_rejected() -> None:
    """A policy that does not exist is rejected by name of its field."""
    with pytest.raises(Rejected) as caught:
        classes_of("none")
    assert (caught.value.code, caught.value.field) == ("policy.unknown", "policy")
