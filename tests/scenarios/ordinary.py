"""What containers that are well write: start, work, and the warnings and mishaps that every healthy system has.

The testbed's pods write nothing of their own, and a recording in which only the sick have a log would tell who is sick.
"""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

_BY_IMAGE = {
    "postgres": """LOG:  starting PostgreSQL 16.4 (Debian 16.4-1.pgdg120+2) on x86_64-pc-linux-gnu
LOG:  listening on IPv4 address "0.0.0.0", port 5432
LOG:  database system was shut down at 2026-11-20 03:10:44 UTC
LOG:  database system is ready to accept connections
LOG:  incomplete startup packet
LOG:  checkpoint complete: wrote 44 buffers (0.3%); 0 WAL file(s) added, 0 removed, 0 recycled
LOG:  could not receive data from client: Connection reset by peer
ERROR:  duplicate key value violates unique constraint "bookings_pkey"
""",
    "mysql": """[System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld 8.4.3) starting as process 1
[Warning] [MY-010068] [Server] CA certificate ca.pem is self signed.
[Warning] [MY-011810] [Server] Insecure configuration for --pid-file: Location '/var/run/mysqld' in the path is accessible to all OS users.
[System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '8.4.3'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306
[Note] [MY-010914] [Server] Aborted connection 12 to db: 'unconnected' user: 'unauthenticated' host: '10.244.0.1' (Got an error reading communication packets).
""",
    "mongo": """{"s":"W","c":"CONTROL","id":22120,"ctx":"initandlisten","msg":"Access control is not enabled for the database. Read and write access to data and configuration is unrestricted"}
{"s":"I","c":"NETWORK","id":23016,"ctx":"listener","msg":"Waiting for connections","attr":{"port":27017,"ssl":"off"}}
{"s":"I","c":"NETWORK","id":22944,"ctx":"conn41","msg":"Connection ended","attr":{"remote":"10.244.3.7:51622","connectionCount":3}}
""",
    "rabbitmq": """[info] <0.9.0>  Server startup complete; 4 plugins started.
[info] <0.711.0> accepting AMQP connection <0.711.0> (10.244.2.9:40112 -> 10.244.1.8:5672)
[warning] <0.711.0> closing AMQP connection <0.711.0> (10.244.2.9:40112 -> 10.244.1.8:5672): client unexpectedly closed TCP connection
[info] <0.733.0> accepting AMQP connection <0.733.0> (10.244.2.9:40180 -> 10.244.1.8:5672)
""",
    "redis": """1:C * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo
1:C # WARNING Memory overcommit must be enabled! Without it, a background save or replication may fail under low memory condition.
1:M * Ready to accept connections tcp
1:M * 100 changes in 300 seconds. Saving...
""",
    "kafka": """INFO [BrokerLifecycleManager id=0] Incarnation of broker 0 in cluster lake is now STARTING. (kafka.server.BrokerLifecycleManager)
WARN [RaftManager id=0] Connection to node 1 (kafka-1.kafka/10.244.2.4:9093) could not be established. Node may not be available. (org.apache.kafka.clients.NetworkClient)
INFO [KafkaRaftServer nodeId=0] Kafka Server started (kafka.server.KafkaRaftServer)
INFO [GroupCoordinator 0]: Preparing to rebalance group ingest in state PreparingRebalance (kafka.coordinator.group.GroupCoordinator)
""",
    "trino": """INFO\tmain\tio.airlift.bootstrap.LifeCycleManager\tLife cycle started
WARN\tAnnouncer-0\tio.airlift.discovery.client.Announcer\tService announcement failed after 1.02s. Next request will happen within 1.00ms
INFO\tmain\tio.trino.server.Server\t======== SERVER STARTED ========
INFO\tdispatcher-query-7\tio.trino.event.QueryMonitor\tTIMELINE: Query 20261124_081244_00012_x2x9z :: FINISHED :: elapsed 412ms
""",
    "superset": """[INFO] Starting gunicorn 23.0.0
/app/superset/extensions/__init__.py: UserWarning: Using the in-memory storage for tracking rate limits as no storage was explicitly specified.
10.244.0.1 - - "GET /health HTTP/1.1" 200 2 "-" "kube-probe/1.37"
WARNING:superset.views.base:Table 'runs' not found in dataset cache, loading it
""",
    "nginx": """/docker-entrypoint.sh: Configuration complete; ready for start up
10.244.0.1 - - "GET /health HTTP/1.1" 200 2 "-" "kube-probe/1.37"
10.244.3.1 - - "GET /favicon.ico HTTP/1.1" 404 153 "-" "Mozilla/5.0"
[warn] 29#29: *41 an upstream response is buffered to a temporary file
[info] 29#29: *57 client closed connection while waiting for request
""",
    "promtail": """level=info msg="Starting Promtail" version="(version=3.3.0)"
level=warn msg="could not determine the positions file, starting at the end"
level=info msg="tail routine: started" path=/var/log/containers/billing.log
""",
    "fluent-bit": """[ info] [fluent bit] version=3.2.2
[ warn] [engine] failed to flush chunk '1-1732443120.flb', retry in 8 seconds: task_id=0, input=tail.0
[ info] [engine] flush chunk '1-1732443120.flb' succeeded at retry 1: task_id=0
""",
}
_SERVICE = """{"severity":"info","message":"starting"}
{"severity":"warning","message":"store not reachable yet, trying again","attempt":1,"error":"connection refused"}
{"severity":"info","message":"store reachable","attempt":2}
{"severity":"info","message":"listening"}
{"severity":"info","message":"request done","status":200,"ms":14}
{"severity":"warning","message":"request cancelled by the client","status":499,"ms":803}
{"severity":"error","message":"bad request: field 'date' is missing","status":400,"ms":2}
"""


def log_of(pod: Object, container: str) -> str:
    """By the image; "" for a container that is not well, which writes what its fault makes it write."""
    well = any(each["name"] == container and each["ready"] for each in pod["status"].get("containerStatuses", ()))
    image = next((each["image"] for each in pod["spec"]["containers"] if each["name"] == container), "")
    name = image.rpartition("/")[2].partition(":")[0]
    return _BY_IMAGE.get(name, _SERVICE) if well and image else ""
