"""kubectl transcripts: what was asked, and what was printed."""

from seakeep.adapters.transcript.read import fill, looks_like_transcript, read_transcript

__all__ = ["fill", "looks_like_transcript", "read_transcript"]
