"""JupyterHub.

What: notebooks for many people.

Why: nobody can start a notebook.

Bad:
    a hub database on emptyDir

Good:
    a volume
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="jupyterhub",
    title="JupyterHub",
    images=("jupyterhub/k8s-hub", "jupyter/", "jupyterhub/configurable-http-proxy"),
    labels=("jupyterhub",),
    names=("jupyterhub",),
    readiness=(("", Health(port=8081, path="/hub/health")),),
    liveness=(("", Health(port=8081, path="/hub/health")),),
    scalable=(("", False),),
    criticality="normal",
)
