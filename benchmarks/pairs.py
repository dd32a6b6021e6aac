"""Manifests as people write them: Deployment + Service pairs between `---` lines."""

from __future__ import annotations

from pathlib import Path

_PAIR = """\
---
# {name}: {tier} of the {team} team
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {team}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/component: {tier}
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
        app.kubernetes.io/component: {tier}
      annotations:
        prometheus.io/scrape: "true"
    spec:
      serviceAccountName: {team}
      containers:
        - name: app
          image: registry.example.com/{team}/{name}:1.{minor}.0
          args: ["serve", "--port={port}"]
          ports:
            - name: http
              containerPort: {port}
          env:
            - name: LOG_LEVEL
              value: info
            - name: UPSTREAM_URL
              value: http://{upstream}.{team}.svc.cluster.local:{upstream_port}/api
            - name: WORKERS
              value: "4"
            - name: DB_PASSWORD
              valueFrom:
                secretKeyRef:
                  name: {name}-db
                  key: password
          resources:
            requests:
              cpu: 100m
              memory: 256Mi
            limits:
              memory: 512Mi
          readinessProbe:
            httpGet:
              path: /healthz
              port: http
            periodSeconds: 5
          livenessProbe:
            tcpSocket:
              port: http
            initialDelaySeconds: 30
          securityContext:
            runAsNonRoot: true
            allowPrivilegeEscalation: false
            capabilities:
              drop: [ALL]
          volumeMounts:
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: tmp
          emptyDir: {{}}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: {team}
spec:
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: http
      port: 80
      targetPort: http
"""
_TIERS = ("api", "worker", "ingest", "query", "ui")


def write(path: Path, pairs: int, namespaces: int) -> None:
    """Evenly over the namespaces; each workload but a namespace's first calls the one before."""
    size = pairs // namespaces
    with path.open("w", encoding="utf-8") as stream:
        for number in range(pairs):
            tier, other = _TIERS[number % 5], number - 1 if number % size else number
            stream.write(
                _PAIR.format(
                    name=f"{tier}-{number:04}",
                    team=f"team-{number // size:03}",
                    tier=tier,
                    replicas=1 + number % 3,
                    minor=number % 40,
                    port=8000 + number % 90,
                    upstream=f"{_TIERS[other % 5]}-{other:04}",
                    upstream_port=80,
                )
            )
