"""Rights are asked for beforehand."""

from __future__ import annotations

from typing import Any, cast

import pytest

from seakeep.adapters.kube.rights import lacking
from seakeep.adapters.kube.sender import Answer, Sender
from seakeep.model.commands import Failed, Lacking, Why

NEEDS = [("patch", "apps", "deployments", "shop"), ("get", "", "configmaps", "shop"), ("create", "", "namespaces", "")]


class Server:
    """Allows what is told."""

    def __init__(self, *allowed: str, why: Why | None = None) -> None:
        self.allowed, self.why = allowed, why

    def ask(self, _method: str, path: str, _query: object, body: Any) -> Answer | Failed:
        assert path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        if self.why:
            return Failed(self.why, "no")
        return Answer(201, {"status": {"allowed": body["spec"]["resourceAttributes"]["verb"] in self.allowed}})


def test_what_is_denied_is_named() -> None:
    found = lacking(cast("Sender", Server("get")), NEEDS)
    assert found == Lacking(("create namespaces", "patch deployments.apps in namespace shop"))
    assert lacking(cast("Sender", Server("get", "patch", "create")), NEEDS) == Lacking()


@pytest.mark.parametrize(("why", "found"), [(Why.FORBIDDEN, Lacking), (Why.SERVER, Failed), (Why.LOST, Failed)])
def test_a_server_that_does_not_tell_leaves_it_to_the_dry_run_and_one_that_is_silent_is_asked_again(
    why: Why, found: type
) -> None:
    assert isinstance(lacking(cast("Sender", Server(why=why)), NEEDS), found)
