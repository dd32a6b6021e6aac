"""Corefiles, as kubeadm, k3s and people write them."""

from __future__ import annotations

import pytest

from seakeep.facts.dns.corefile_text import Harm, defects, upstreams

KUBEADM = """\
.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
    }
    loop
    reload
    loadbalance
}
"""
K3S = """\
.:53 {
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
    }
    hosts /etc/coredns/NodeHosts {
      ttl 60
    }
    prometheus :9153
    forward . /etc/resolv.conf
    import /etc/coredns/custom/*.override
}
import /etc/coredns/custom/*.server
"""


@pytest.mark.parametrize(
    "text",
    [
        KUBEADM,
        K3S,
        KUBEADM.replace("cluster.local ", ""),
        KUBEADM.replace("    ready\n", "    ready # } not a brace\n"),
        KUBEADM.replace("    ready\n", "    template IN AAAA . {\n        rcode NXDOMAIN\n    }\n"),
        KUBEADM.replace(
            "    ready\n",
            '    template ANY A . {\n        match "old[.]example[.]com"\n        rcode NXDOMAIN\n    }\n',
        ),
        "corp.example.com:53 {\n    forward . 10.0.0.53\n}\n" + KUBEADM,
    ],
)
def test_content(text: str) -> None:
    assert not defects(text)


@pytest.mark.parametrize(
    ("text", "harm", "word", "sure"),
    [
        (KUBEADM.replace("    loop\n", "    loop {\n"), Harm.ALL, "braces", True),
        (KUBEADM.replace("forward .", "forwrd ."), Harm.ALL, "forwrd", True),
        (KUBEADM.replace("    ready\n", "    blocklist x\n"), Harm.ALL, "blocklist", False),
        (KUBEADM.replace("cluster.local in", "cluster.locl in"), Harm.INSIDE, "cluster.locl", True),
        (KUBEADM.replace("cluster.local in", "corp.internal in"), Harm.INSIDE, "corp.internal", False),
        (".:53 {\n    errors\n    forward . 1.1.1.1\n}\n", Harm.INSIDE, "no kubernetes", True),
        (".:53 {\n    kubernetes cluster.local\n}\n", Harm.OUTSIDE, "no forward", False),
        (
            KUBEADM.replace("    ready\n", "    template ANY ANY svc.cluster.local {\n        rcode NXDOMAIN\n    }\n"),
            Harm.INSIDE,
            "NXDOMAIN",
            True,
        ),
    ],
)
def test_defects(text: str, harm: Harm, word: str, sure: bool) -> None:
    found = defects(text)[0]
    assert (found.harm, found.sure) == (harm, sure)
    assert word in found.what


def test_upstreams() -> None:
    assert upstreams(KUBEADM) == ("/etc/resolv.conf",)
    assert upstreams(".:53 {\n    forward . 192.0.2.1 192.0.2.2\n}\n") == ("192.0.2.1", "192.0.2.2")
