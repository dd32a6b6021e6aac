"""YAML that people read: in the order given, without anchors."""

from __future__ import annotations

import yaml

from seakeep.render.safe import OBEYED


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, _data: object) -> bool:
        return True


def dump(value: object) -> str:
    text: str = yaml.dump(value, Dumper=_Plain, sort_keys=False, width=120, allow_unicode=True)
    # The emitter takes the bidirectional overrides for plain text: only then is everything escaped.
    return yaml.dump(value, Dumper=_Plain, sort_keys=False, width=120) if OBEYED.search(text) else text
