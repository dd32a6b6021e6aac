"""What is written beside a change must be read again as it was written."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.adapters import redact
from seakeep.engine.apply.marks import REASON, marked
from seakeep.model.plan import Reason
from seakeep.model.refs import Ref
from tests.apply.plans import change, objects
from tests.twin.builders import snapshot


def test_a_reason_is_not_masked_as_a_secret() -> None:
    seen = snapshot(objects("data", 1))
    target = Ref("Deployment", "data", "app-00")
    rules = ("service-account-token-mounted", "registry-secret-missing", "password-in-env")
    reasons = tuple(
        Reason(rule, target, "a token of account default is mounted, which has no rights") for rule in rules
    )
    value = marked("plan", replace(change(seen, target, {"spec": {"replicas": 2}}), reasons=reasons))
    assert value["metadata"]["annotations"][REASON].startswith(f"[{', '.join(rules)}] a token of account")
    assert redact.fields(value) == value
