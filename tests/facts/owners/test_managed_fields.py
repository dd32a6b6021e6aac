"""Who owns what, from managedFields as kube-apiserver writes them."""

from __future__ import annotations

from typing import Any

from seakeep.facts.owners.managed_fields import applied_by, narrowed, owners
from seakeep.model.fields import path_of

RAW: dict[str, Any] = {
    "metadata": {
        "name": "web",
        "annotations": {"seakeep.dev/plan": "p", "deployment.kubernetes.io/revision": "2"},
        "managedFields": [
            {
                "manager": "seakeep", "operation": "Apply",
                "fieldsV1": {
                    "f:metadata": {"f:annotations": {"f:seakeep.dev/plan": {}}},
                    "f:spec": {
                        "f:template": {"f:spec": {
                            "f:containers": {'k:{"name":"main"}': {".": {}, "f:name": {}, "f:env": {'k:{"name":"A"}': {".": {}, "f:name": {}, "f:value": {}}}}},
                            "f:volumes": {'k:{"name":"tmp"}': {".": {}, "f:name": {}, "f:emptyDir": {}}},
                        }},
                        "f:selector": {},
                    },
                },
            },
            {"manager": "seakeep", "operation": "Update", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
            {"manager": "controller", "operation": "Update", "subresource": "status", "fieldsV1": {"f:metadata": {"f:annotations": {".": {}, "f:deployment.kubernetes.io/revision": {}}}}},
            {"manager": "helm", "operation": "Update", "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"main"}': {"f:image": {}}}}}}}},
        ],
    },
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"spec": {
            "containers": [{"name": "main", "image": "i", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}, {"name": "other", "image": "o"}],
            "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "data", "emptyDir": {}}],
        }},
    },
}  # fmt: skip


def test_owners() -> None:
    assert owners(RAW, path_of("spec.template.spec.containers[name=main].image")) == ("helm",)
    assert owners(RAW, path_of("spec.template.spec.containers[name=main]")) == ("helm", "seakeep")
    assert owners(RAW, path_of("spec.template.spec.containers[name=other]")) == ()
    assert owners(RAW, path_of('metadata.annotations["deployment.kubernetes.io/revision"]')) == ("controller",)
    assert owners({"metadata": {}}, path_of("spec.replicas")) == ()


def test_what_was_applied_before() -> None:
    """Only what server-side apply owns as this manager, with today's values; an entry of a list with no more than its own fields."""
    assert applied_by(RAW, "seakeep") == {
        "metadata": {"annotations": {"seakeep.dev/plan": "p"}},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "spec": {
                    "containers": [{"name": "main", "env": [{"name": "A", "value": "1"}]}],
                    "volumes": [{"name": "tmp", "emptyDir": {}}],
                }
            },
        },
    }
    assert applied_by(RAW, "nobody") == {}


def test_a_branch_goes_whole_unless_others_own_something_in_it() -> None:
    mark = 'metadata.annotations["seakeep.dev/plan"]'
    assert narrowed(RAW, ["metadata.annotations"], [mark], "seakeep") == (mark,)
    volume = "spec.template.spec.volumes[name=tmp]"
    assert narrowed(RAW, [volume], [f"{volume}.emptyDir"], "seakeep") == (volume,)
