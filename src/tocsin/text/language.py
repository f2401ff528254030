"""Guessing a text's language by its script and its commonest words: rough, quick, offline.

A short message often holds too little to tell; then the answer is `und` (BCP 47: undetermined).
"""

import re

_SCRIPTS = (
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("bn", re.compile(r"[\u0980-\u09ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
)
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_URDU = re.compile(r"[ٹڈڑںےھ]")
_PERSIAN = re.compile(r"[پچژگکی]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_UKRAINIAN = re.compile(r"[іїєґ]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_COMMON = {
    "en": "the you your to is and for of have call now free my me in it on at be this with are",
    "fr": "le la les vous votre de et un une est pour je des du que avec sur dans pas mon",
    "es": "el los usted su de y un una es para por que con no mi en se del al tu gracias",
    "de": "der die das sie ihr und ein eine ist für ich nicht mit auf zu den von es",
    "pt": "o os você seu de e um uma é para por que com não meu em na do da obrigado",
    "id": "yang di dan anda untuk dengan ini dari kami ke tidak saya bisa hub ada pulsa nya",
    "tr": "ve bir bu için ile size da de en çok tl sms ben ne mi var icin iptal",
    "vi": "và của bạn là cho không được các một với qua để trong",
    "sw": "na ya kwa wa ni za yako hii katika la cha tafadhali pesa",
}
_WORDS = {
    word: tuple(lang for lang in _COMMON if word in _COMMON[lang].split())
    for lang in _COMMON
    for word in _COMMON[lang].split()
}
_ENOUGH = 40


def guess_language(text: str) -> str:
    """Return a BCP 47 tag, or `und`.

    Args:
        text: a message; its first 1,000 characters are looked at.
    """
    head = text[:1000]
    if not head.isascii():
        if _ARABIC.search(head):
            return "ur" if _URDU.search(head) else "fa" if _PERSIAN.search(head) else "ar"
        if _CYRILLIC.search(head):
            return "uk" if _UKRAINIAN.search(head) else "ru"
        for language, script in _SCRIPTS:
            if script.search(head):
                return language
    votes: dict[str, int] = {}
    for word in _WORD.findall(head.lower())[:_ENOUGH]:
        for language in _WORDS.get(word, ()):
            votes[language] = votes.get(language, 0) + 1
    return max(votes, key=lambda language: votes[language]) if votes else "und"
