"""A real Kubernetes control plane on loopback, with KWOK in the place of kubelets: see testbed/README.md."""

from seakeep.testing.testbed.build import Binaries, TestbedError
from seakeep.testing.testbed.cluster import ControlPlane
from seakeep.testing.testbed.nodes import NodeSpec

__all__ = ["Binaries", "ControlPlane", "NodeSpec", "TestbedError"]
