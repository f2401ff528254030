"""Texts that try hard: every code point, and those that fold, compose, hide or look alike."""

from hypothesis import settings
from hypothesis import strategies as st

TRICKY = "ab xаеһјяιΐẖßİ²ﷺé0123456789.@:/-()+[]\u0301\u0308\u0331\u0345\u0483\u200b\u0640\u0654اأ\ud800\0\n٣"
ANY_TEXT = st.text(st.characters() | st.sampled_from(TRICKY), max_size=200)
THOROUGH = settings(deadline=None, max_examples=200)
