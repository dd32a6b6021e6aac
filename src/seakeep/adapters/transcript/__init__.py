"""kubectl transcripts: what was asked, and what was printed. The readers are imported when one is asked for: most sources are no transcript."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seakeep.adapters.transcript.read import fill, read_transcript
    from seakeep.adapters.transcript.recognise import looks_like_transcript

__all__ = ["fill", "looks_like_transcript", "read_transcript"]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in __all__:
        module = "recognise" if name == "looks_like_transcript" else "read"
        return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(name)
