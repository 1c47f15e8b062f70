"""A word-level tokenizer learnt from texts, in the Hugging Face format, from which every text comes back unchanged.

A word is a name, a field such as `.add_comm`, a symbol, each with the one space before it, or a line break with its
indentation. Words of the texts become one token; anything else is spelt in bytes, so no text is out of vocabulary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

END, PAD = "<end>", "<pad>"

WORD = (
    r"\n *"  # a line break and its indentation
    r"|\.[\p{L}_][\p{L}\p{N}_']*"  # a field: `.symm` of `h.symm`
    r"|\.\p{N}+"  # a projection: `.1`
    r"| ?[\p{L}_][\p{L}\p{N}_']*"  # a name, with Lean's Greek letters and subscripts
    r"| ?\p{N}+"
    r"| ?(?::=|=>|->|<-|<;>|\?_|\|\||&&|::|\+\+|==|!=|<=|>=)"  # symbols of several characters
    r"| ?[^\s]"  # any other symbol
)
"""Oniguruma syntax. What lies between two matches (tabs, a second space) is a word too."""


def train_tokenizer(texts: Iterable[str], *, max_words: int = 32_000) -> PreTrainedTokenizerFast:
    """Return a tokenizer whose words are the `max_words` most frequent ones of `texts`; it adds no start token."""
    counts: Counter[str] = Counter()
    splitter = _splitter()
    for text in texts:
        counts.update(word for word, _ in splitter.pre_tokenize_str(text))
    words = sorted(counts, key=lambda word: (-counts[word], word))[:max_words]
    return _wrap(words)


def _splitter() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Split(Regex(WORD), behavior="isolated")


def _wrap(words: list[str]) -> PreTrainedTokenizerFast:
    from transformers import PreTrainedTokenizerFast

    pieces = [END, PAD, *(f"<0x{byte:02X}>" for byte in range(256)), *words]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    # No merges: a word is looked up whole, and spelt in bytes when it is not there.
    core = Tokenizer(models.BPE(vocabulary, [], ignore_merges=True, byte_fallback=True))
    core.pre_tokenizer = _splitter()
    core.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    return PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token=END, pad_token=PAD, clean_up_tokenization_spaces=False, padding_side="right"
    )
