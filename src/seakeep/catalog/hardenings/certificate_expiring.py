"""A certificate is not renewed in time.

What: cert-manager was to renew a Certificate more than an hour ago and has not, or one without a time of renewal ends within 30 days.

Why: on its last day every client that checks it refuses the service. cert-manager retries for weeks without a sign that anybody looks at.

Bad:
    status: {renewalTime: "2026-02-01T00:00:00Z", notAfter: "2026-03-03T00:00:00Z"}     # and it is March

Good:
    status: {renewalTime: "2026-04-01T00:00:00Z", notAfter: "2026-05-01T00:00:00Z"}

Ignore when: the service goes before its certificate does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from seakeep.contract.hardening import Rule
from seakeep.facts.freshness import time_in
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.model.change import Advice
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import Unstructured

RULE = Rule("certificate-expiring")
_SOON, _URGENT, _GRACE = timedelta(days=30), timedelta(days=7), timedelta(hours=1)


def judge(index: Index) -> Iterable[Finding]:
    """What has ended is a root cause; a certificate that was never issued has no time to look at."""
    for item in index.snapshot.of_kind("Certificate"):
        if not isinstance(item, Unstructured) or not item.api_version.startswith("cert-manager.io/"):
            continue
        status = item.status if isinstance(item.status, Mapping) else {}
        until, renewal = time_in(status.get("notAfter")), time_in(status.get("renewalTime"))
        if until is None:
            if not index.snapshot.intent_only:
                yield RULE.cannot_see(item.ref, "when it ends")
            continue
        if until <= index.now:
            continue
        late = index.now - renewal > _GRACE if renewal else until - index.now <= _SOON
        if late:
            due = f", and was to be renewed on {renewal:%Y-%m-%d}" if renewal else ""
            text = f"it ends in {(until - index.now).days} days, on {until:%Y-%m-%d}{due}{_reason(status)}"
            severity = Severity.ERROR if until - index.now <= _URGENT else Severity.WARNING
            yield RULE.fails(item.ref, text, "status.notAfter", "Let it be renewed.", severity)
        else:
            yield RULE.passes(item.ref)


def _reason(status: Mapping[str, Any]) -> str:
    """Why the last try failed, as cert-manager says it."""
    conditions = status.get("conditions")
    for item in conditions if isinstance(conditions, list | tuple) else ():
        if isinstance(item, Mapping) and item.get("type") == "Issuing" and item.get("reason") == "Failed":
            return f": {str(item.get('message', ''))[:160]}"
    return ""


def propose(index: Index, finding: Finding) -> Advice:
    """The issuer's account, DNS records or rights are outside of what an object says."""
    del index
    space, name = quote(finding.object.namespace), quote(finding.object.name)
    return Advice(
        f"Why does the issuer of {finding.object} not renew it?",
        f"kubectl describe certificate {name} -n {space}; kubectl get certificaterequests,orders,challenges -n {space}",
    )


HARDENING = RULE.leaf("Certificate that is not renewed", judge, propose)
