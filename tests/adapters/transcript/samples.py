"""Outputs as kubectl prints them, written by hand from its printers' rules."""

POD = """\
Name:             etl-5d4f8b7c6d-q9q4w
Namespace:        data
Priority:         0
Service Account:  etl
Node:             node-a/10.0.0.1
Start Time:       Mon, 02 Mar 2026 11:40:00 +0000
Labels:           app=etl
                  pod-template-hash=5d4f8b7c6d
Annotations:      prometheus.io/scrape: true
Status:           Running
IP:               10.244.1.7
IPs:
  IP:           10.244.1.7
Controlled By:  ReplicaSet/etl-5d4f8b7c6d
Init Containers:
  wait:
    Image:      busybox:1.36
    Port:       <none>
    Command:
      sh
      -c
      until nc -z db 5432; do sleep 1; done
    State:          Terminated
      Reason:       Completed
      Exit Code:    0
      Started:      Mon, 02 Mar 2026 11:40:02 +0000
      Finished:     Mon, 02 Mar 2026 11:40:09 +0000
    Ready:          True
    Restart Count:  0
    Environment:    <none>
    Mounts:         <none>
Containers:
  main:
    Container ID:  containerd://0123
    Image:         registry.example/etl:9
    Image ID:      registry.example/etl@sha256:0123
    Ports:         8080/TCP, 9090/TCP
    Host Ports:    0/TCP, 0/TCP
    Args:
      --workers=4
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
      Started:      Mon, 02 Mar 2026 11:55:00 +0000
      Finished:     Mon, 02 Mar 2026 11:56:00 +0000
    Ready:          False
    Restart Count:  7
    Limits:
      cpu:     500m
      memory:  512Mi
    Requests:
      cpu:      250m
      memory:   512Mi
    Liveness:   http-get http://:8080/live delay=5s timeout=1s period=10s #success=1 #failure=3
    Readiness:  tcp-socket :8080 delay=0s timeout=1s period=5s #success=1 #failure=3
    Startup:    exec [cat /tmp/up] delay=0s timeout=1s period=10s successThreshold=1 failureThreshold=30
    Environment Variables from:
      etl-config  ConfigMap  Optional: false
      etl-secret  Secret with prefix 'DB_'  Optional: true
    Environment:
      KAFKA:       kafka:9092
      PASSWORD:    <set to the key 'password' in secret 'db'>  Optional: false
      MODE:        <set to the key 'mode' of config map 'etl'>  Optional: true
      POD_IP:       (v1:status.podIP)
      MEMORY:      536870912 (limits.memory)
    Mounts:
      /data from data (rw)
      /etc/etl from config (ro,path="etl.yaml")
Conditions:
  Type                        Status
  PodReadyToStartContainers   True
  Initialized                 True
  Ready                       False
  ContainersReady             False
  PodScheduled                True
Volumes:
  data:
    Type:       PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)
    ClaimName:  etl-data
    ReadOnly:   false
  config:
    Type:      ConfigMap (a volume populated by a ConfigMap)
    Name:      etl
    Optional:  false
  tmp:
    Type:       EmptyDir (a temporary directory that shares a pod's lifetime)
    Medium:
    SizeLimit:  1Gi
QoS Class:         Burstable
Node-Selectors:    disk=ssd
Tolerations:       dedicated=data:NoSchedule
                   node.kubernetes.io/not-ready:NoExecute op=Exists for 300s
Topology Spread Constraints:  topology.kubernetes.io/zone:DoNotSchedule when max skew 1 is exceeded for selector app=etl
Events:
  Type     Reason     Age                  From               Message
  ----     ------     ----                 ----               -------
  Normal   Scheduled  20m                  default-scheduler  Successfully assigned data/etl-5d4f8b7c6d-q9q4w to node-a
  Normal   Created    5m (x8 over 20m)     kubelet            Created container: main
  Warning  BackOff    10s (x66 over 18m)   kubelet            Back-off restarting failed container main in pod etl-5d4f8b7c6d-q9q4w_data(0123)
"""
DEPLOYMENT = """\
Name:                   etl
Namespace:              data
CreationTimestamp:      Mon, 02 Mar 2026 10:00:00 +0000
Labels:                 app=etl
Annotations:            deployment.kubernetes.io/revision: 3
Selector:               app=etl
Replicas:               3 desired | 1 updated | 4 total | 2 available | 2 unavailable
StrategyType:           RollingUpdate
MinReadySeconds:        0
RollingUpdateStrategy:  25% max unavailable, 1 max surge
Pod Template:
  Labels:           app=etl
  Service Account:  etl
  Containers:
   main:
    Image:        registry.example/etl:9
    Port:         8080/TCP
    Host Port:    0/TCP
    Environment:  <none>
    Mounts:       <none>
  Volumes:        <none>
Conditions:
  Type           Status  Reason
  ----           ------  ------
  Available      False   MinimumReplicasUnavailable
  Progressing    False   ProgressDeadlineExceeded
OldReplicaSets:  etl-7c9d (2/2 replicas created)
NewReplicaSet:   etl-5d4f8b7c6d (1/1 replicas created)
Events:          <none>
"""
SERVICE = """\
Name:                     etl
Namespace:                data
Labels:                   <none>
Annotations:              <none>
Selector:                 app=etl
Type:                     ClusterIP
IP Family Policy:         SingleStack
IP Families:              IPv4
IP:                       10.96.0.7
IPs:                      10.96.0.7
Port:                     http  80/TCP
TargetPort:               8080/TCP
Endpoints:                10.244.1.7:8080,10.244.2.8:8080 + 2 more...
Port:                     metrics  9090/TCP
TargetPort:               metrics/TCP
Endpoints:                <none>
Session Affinity:         None
Internal Traffic Policy:  Cluster
Events:                   <none>
"""
CLAIM = """\
Name:          etl-data
Namespace:     data
StorageClass:  fast
Status:        Pending
Volume:
Labels:        <none>
Annotations:   <none>
Finalizers:    [kubernetes.io/pvc-protection]
Capacity:
Access Modes:
VolumeMode:    Filesystem
Used By:       etl-5d4f8b7c6d-q9q4w
Events:
  Type     Reason              Age                From                         Message
  ----     ------              ----               ----                         -------
  Warning  ProvisioningFailed  3s (x9 over 2m)    persistentvolume-controller  storageclass.storage.k8s.io "fast" not found
"""
NODE = """\
Name:               node-a
Roles:              <none>
Labels:             disk=ssd
                    kubernetes.io/hostname=node-a
Annotations:        node.alpha.kubernetes.io/ttl: 0
CreationTimestamp:  Mon, 02 Mar 2026 08:00:00 +0000
Taints:             dedicated=data:NoSchedule
                    node.kubernetes.io/unreachable:NoExecute
Unschedulable:      true
Lease:
  HolderIdentity:  node-a
  AcquireTime:     <unset>
  RenewTime:       Mon, 02 Mar 2026 11:30:00 +0000
Conditions:
  Type             Status    LastHeartbeatTime                 LastTransitionTime                Reason              Message
  ----             ------    -----------------                 ------------------                ------              -------
  MemoryPressure   Unknown   Mon, 02 Mar 2026 11:29:00 +0000   Mon, 02 Mar 2026 11:31:00 +0000   NodeStatusUnknown   Kubelet stopped posting node status.
  Ready            Unknown   Mon, 02 Mar 2026 11:29:00 +0000   Mon, 02 Mar 2026 11:31:00 +0000   NodeStatusUnknown   Kubelet stopped posting node status.
Addresses:
  InternalIP:  10.0.0.1
  Hostname:    node-a
Capacity:
  cpu:     4
  memory:  8Gi
  pods:    110
Allocatable:
  cpu:     3900m
  memory:  7Gi
  pods:    110
System Info:
  Kubelet Version:            v1.33.1
  Container Runtime Version:  containerd://2.0.5
  OS Image:                   Debian GNU/Linux 13 (trixie)
  Architecture:               amd64
PodCIDR:                      10.244.1.0/24
Non-terminated Pods:          (1 in total)
  Namespace                   Name                    CPU Requests  CPU Limits  Memory Requests  Memory Limits  Age
  ---------                   ----                    ------------  ----------  ---------------  -------------  ---
  data                        etl-5d4f8b7c6d-q9q4w    250m (6%)     500m (12%)  512Mi (7%)       512Mi (7%)     20m
Allocated resources:
  (Total limits may be over 100 percent, i.e., overcommitted.)
  Resource           Requests    Limits
  --------           --------    ------
  cpu                250m (6%)   500m (12%)
Events:              <none>
"""
PODS = """\
NAME                   READY   STATUS             RESTARTS        AGE    IP           NODE     NOMINATED NODE   READINESS GATES   LABELS
etl-5d4f8b7c6d-q9q4w   0/1     CrashLoopBackOff   7 (10s ago)     20m    10.244.1.7   node-a   <none>           <none>            app=etl,pod-template-hash=5d4f8b7c6d
db-0                   1/1     Running            0               3d4h   10.244.1.8   node-a   <none>           <none>            app=db
"""
EVENTS = """\
LAST SEEN            TYPE      REASON             OBJECT                     MESSAGE
10s (x66 over 18m)   Warning   BackOff            Pod/etl-5d4f8b7c6d-q9q4w   Back-off restarting failed container main
3m                   Warning   FailedScheduling   Pod/big                    0/2 nodes are available: 2 Insufficient memory.
"""
LOGS = "2026-03-02T11:55:00Z INFO starting\n$ this looks like a prompt\njava.lang.OutOfMemoryError: Java heap space\n"
TOP = """\
NAME                   CPU(cores)   MEMORY(bytes)
etl-5d4f8b7c6d-q9q4w   12m          500Mi
"""
WHOLE = (
    f"$ kubectl get pods -n data -o wide --show-labels\n{PODS}$ kubectl describe pod etl-5d4f8b7c6d-q9q4w -n data\n{POD}"
    f"$ kubectl describe deployment etl -n data\n{DEPLOYMENT}$ kubectl describe svc etl -n data\n{SERVICE}"
    f"$ kubectl describe pvc etl-data -n data\n{CLAIM}$ kubectl describe node node-a\n{NODE}"
    f"$ kubectl events -n data\n{EVENTS}$ kubectl logs etl-5d4f8b7c6d-q9q4w -n data --previous\n{LOGS}"
    f"$ kubectl top pods -n data\n{TOP}"
    "$ kubectl exec db-0 -n data -- nc -zv etl 80\nnc: etl (10.96.0.7:80): Connection refused\ncommand terminated with exit code 1\n"
    "$ kubectl debug node/node-a -it -- chroot /host systemctl status kubelet\n● kubelet.service - kubelet\n     Active: inactive (dead) since Mon 2026-03-02 11:29:30 UTC\n"
)
