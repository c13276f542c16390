from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from converters import Document, Tokens, UsageError
from converters.tokenize import with_tokens


@given(st.text("ab. ,'\n\u00a0(", max_size=20))
def test_tokens_are_those_of_spacy_without_white_space(text: str) -> None:
    document = with_tokens(Document(text), "en")
    doc = spacy.blank("en")(text)
    assert document.words == [token.text.strip() for token in doc if token.text.strip()]


def test_tokens_that_are_there_stay() -> None:
    document = Document("a.b", (), Tokens.make([0], [3]))
    assert with_tokens(document, "en") is document


def test_a_tokenizer_that_there_is_not(tmp_path: Path) -> None:
    (tmp_path / "model" / "model-best").mkdir(parents=True)
    for name, todo in [
        ("nonsense", "name a language by its code, as en, or a pipeline: one that is installed, or the path of one"),
        ("xx_none_at_all", "install it: python -m spacy download xx_none_at_all"),
        (str(tmp_path / "model"), f"did you mean {tmp_path / 'model' / 'model-best'}?"),
    ]:
        with pytest.raises(UsageError, match="spaCy has no language or pipeline '") as raised:
            with_tokens(Document("a"), name)
        assert raised.value.todo == todo
        assert "E050" not in raised.value.what
