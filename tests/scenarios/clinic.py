"""A third healthy platform, in another hand: Helm's labels, named ports, addresses in ConfigMaps, a sidecar, a DaemonSet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]


def clinic(namespace: str) -> list[Object]:
    """Appointments of a clinic: a gateway, five services, a worker, MySQL, MongoDB and RabbitMQ."""
    name = _Names(namespace)
    mysql = {"MYSQL_DATABASE": "clinic", "MYSQL_ROOT_PASSWORD": _secret("clinic-mysql", "root-password")}
    labs = {"LABS_STORE": "mongodb://records-mongo:27017/labs", "LABS_QUEUE": "amqp://rabbit:5672/labs"}
    routes = "upstream appointments { server appointments:8000; }\nupstream billing { server billing:9000; }\n"
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        name.config("gateway-routes", {"routes.conf": routes}),
        name.config("labs", labs),
        name.secret("clinic-mysql", {"root-password": "only-a-test", "password": "only-a-test"}),
        *name.deployment(
            "gateway",
            "nginx:1.27.3",
            ("http", 8080),
            {},
            replicas=2,
            exposed=80,
            mounts={"/etc/nginx/conf.d": {"configMap": {"name": "gateway-routes"}}},
            sidecar={"name": "log-shipper", "image": "fluent/fluent-bit:3.2.2"},
        ),
        *name.deployment(
            "appointments",
            "ghcr.io/clinic/appointments:2026.11.3",
            ("http", 8000),
            {
                "DB_HOST": "clinic-mysql",
                "DB_PORT": "3306",
                "DB_PASSWORD": _secret("clinic-mysql", "password"),
                "AMQP_URL": "amqp://guest:guest@rabbit:5672/",
                "PATIENTS_URL": "http://patients:8000",
                "LABS_ENDPOINT": "labs:6000",
            },
            replicas=2,
        ),
        *name.deployment(
            "patients",
            "ghcr.io/clinic/patients:2026.11.1",
            ("http", 8081),
            {"JAVA_OPTS": "-Xmx256m", "MONGO_URL": "mongodb://records-mongo:27017/patients", "SERVER_PORT": "8081"},
            exposed=8000,
            memory="512Mi",
        ),
        *name.deployment(
            "billing",
            "ghcr.io/clinic/billing:2026.10.9",
            ("http", 9000),
            {"APPOINTMENTS_URL": "http://appointments:8000", "DB_HOST": "clinic-mysql", "DB_PORT": "3306"},
        ),
        *name.deployment(
            "labs", "ghcr.io/clinic/labs:2026.11.0", ("grpc", 6000), {}, replicas=2, source="labs", probe="grpc"
        ),
        *name.deployment(
            "notifier", "ghcr.io/clinic/notifier:2026.9.2", None, {"AMQP_URL": "amqp://guest:guest@rabbit:5672/"}
        ),
        *name.stateful("clinic-mysql", "mysql:8.4.3", ("mysql", 3306), mysql, "/var/lib/mysql", "768Mi"),
        *name.stateful("records-mongo", "mongo:7.0.15", ("mongodb", 27017), {}, "/data/db", "512Mi"),
        *name.stateful("rabbit", "rabbitmq:3.13.7-management", ("amqp", 5672), {}, "/var/lib/rabbitmq", "512Mi"),
        name.daemon("log-agent", "grafana/promtail:3.3.0"),
    ]


def _secret(name: str, key: str) -> Object:
    return {"valueFrom": {"secretKeyRef": {"name": name, "key": key}}}


def _probe(kind: str, port: tuple[str, int]) -> Object:
    if kind == "grpc":
        return {"grpc": {"port": port[1]}}
    return {"httpGet": {"path": "/health", "port": port[0]}} if kind == "http" else {"tcpSocket": {"port": port[0]}}


class _Names:
    """Makes objects of one release."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    def _object(self, version: str, kind: str, name: str, **rest: Any) -> Object:
        metadata = {"name": name, "namespace": self.namespace, "labels": self._labels(name)}
        metadata["labels"] |= {"helm.sh/chart": f"{name}-1.4.2", "app.kubernetes.io/managed-by": "Helm"}
        return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}

    def _labels(self, name: str) -> dict[str, str]:
        return {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": "clinic"}

    def config(self, name: str, data: Mapping[str, str]) -> Object:
        return self._object("v1", "ConfigMap", name, data=dict(data))

    def secret(self, name: str, data: Mapping[str, str]) -> Object:
        return self._object("v1", "Secret", name, stringData=dict(data))

    def _template(
        self,
        name: str,
        image: str,
        port: tuple[str, int] | None,
        env: Mapping[str, Any],
        memory: str,
        probe: str,
        mounts: Mapping[str, Object],
    ) -> Object:
        container: Object = {
            "name": name,
            "image": image,
            "env": [
                {"name": key, **(item if isinstance(item, dict) else {"value": item})} for key, item in env.items()
            ],
            "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "500m", "memory": memory}},
            "volumeMounts": [{"name": f"v{n}", "mountPath": path} for n, path in enumerate(mounts)],
        }
        if port:
            container["ports"] = [{"name": port[0], "containerPort": port[1]}]
            container["readinessProbe"] = {**_probe(probe, port), "periodSeconds": 5}
            container["livenessProbe"] = {**_probe(probe, port), "periodSeconds": 10, "initialDelaySeconds": 15}
        volumes = [{"name": f"v{n}", **volume} for n, volume in enumerate(mounts.values()) if volume]
        spec = {"containers": [container], "volumes": volumes}
        return {"metadata": {"labels": self._labels(name)}, "spec": spec}

    def deployment(
        self,
        name: str,
        image: str,
        port: tuple[str, int] | None,
        env: Mapping[str, Any],
        *,
        replicas: int = 1,
        memory: str = "256Mi",
        probe: str = "http",
        source: str = "",
        mounts: Mapping[str, Object] | None = None,
        sidecar: Object | None = None,
        exposed: int = 0,
    ) -> list[Object]:
        template = self._template(name, image, port, env, memory, probe, mounts or {})
        if source:
            template["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": source}}]
        if sidecar:
            template["spec"]["containers"].append(sidecar)
        selector = {"matchLabels": self._labels(name)}
        spec = {"replicas": replicas, "selector": selector, "template": template}
        made = [self._object("apps/v1", "Deployment", name, spec=spec)]
        return [*made, self._service(name, port, exposed or port[1])] if port else made

    def _service(self, name: str, port: tuple[str, int], number: int) -> Object:
        ports = [{"name": port[0], "port": number, "targetPort": port[0]}]
        return self._object("v1", "Service", name, spec={"selector": self._labels(name), "ports": ports})

    def stateful(
        self, name: str, image: str, port: tuple[str, int], env: Mapping[str, Any], path: str, memory: str
    ) -> list[Object]:
        template = self._template(name, image, port, env, memory, "tcp", {path: {}})
        claim = {
            "metadata": {"name": "v0"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "8Gi"}}},
        }
        spec = {
            "serviceName": name,
            "replicas": 1,
            "selector": {"matchLabels": self._labels(name)},
            "template": template,
            "volumeClaimTemplates": [claim],
        }
        return [self._object("apps/v1", "StatefulSet", name, spec=spec), self._service(name, port, port[1])]

    def daemon(self, name: str, image: str) -> Object:
        template = self._template(name, image, None, {}, "128Mi", "http", {})
        spec = {"selector": {"matchLabels": self._labels(name)}, "template": template}
        return self._object("apps/v1", "DaemonSet", name, spec=spec)
