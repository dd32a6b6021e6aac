{{/* What the stages share. The launcher puts this text before every template of a stage. Everything is written in
     YAML's flow style, so that a part needs to know nothing about the indentation of the place it is used in. */}}

{{/* repository NAME, image NAME: as containerd resolves them, without and with the tag. */}}
{{- define "repository" -}}
{{- $first := index (splitList "/" .) 0 -}}
{{- if not (contains "/" .) }}docker.io/library/
{{- else if not (or (contains "." $first) (contains ":" $first) (eq $first "localhost")) }}docker.io/
{{- end }}{{ regexReplaceAll "(@.*|:[^/:@]*(@.*)?)$" . "" }}
{{- end -}}
{{- define "image" -}}
{{ template "repository" . }}{{ regexFind "(@.*|:[^/:@]*(@.*)?)$" . | default ":latest" }}
{{- end -}}

{{/* container (dict "pod" "c" "kind" "reason" "message" "exit" "ready" "restarts" "last"): one container status. kind is
     created (it has never run and waits), waiting (it has run and waits), running or ended; last (dict "exit" "reason"
     "message") says how the life before this one ended. */}}
{{- define "container" -}}
{ name: {{ .c.name | Quote }},
  {{ if eq .kind "created" -}}
  image: {{ .c.image | Quote }}, imageID: "",
  {{- else -}}
  image: "{{ template "image" .c.image }}", containerID: "{{ template "id" (dict "pod" .pod "c" .c "run" .restarts) }}",
  imageID: "{{ template "repository" .c.image }}@sha256:{{ sha256sum .c.image }}",
  {{- end }}
  ready: {{ .ready | default false }}, started: {{ and (eq .kind "running") (not .unstarted) }}, restartCount: {{ .restarts | default 0 }},
  {{ with .last }}lastState: { terminated: {{ template "terminated" (dict "pod" $.pod "c" $.c "run" "before" "end" .) }} },{{ end }}
  state: {
    {{ if eq .kind "running" }}running: { startedAt: {{ Now | Quote }} }
    {{ else if eq .kind "ended" }}terminated: {{ template "terminated" (dict "pod" .pod "c" .c "run" .restarts "end" .) }}
    {{ else }}waiting: { reason: {{ .reason }}{{ with .message }}, message: {{ . | Quote }}{{ end }} }{{ end }} } }
{{- end -}}

{{- define "terminated" -}}
{ exitCode: {{ .end.exit }}, reason: {{ .end.reason | Quote }}, {{ with .end.message }}message: {{ . | Quote }},{{ end }}
  startedAt: {{ or .pod.status.startTime Now | Quote }}, finishedAt: {{ Now | Quote }},
  containerID: "{{ template "id" (dict "pod" .pod "c" .c "run" .run) }}" }
{{- end -}}

{{- define "id" -}}containerd://{{ sha256sum (printf "%s %s %v" .pod.metadata.uid .c.name .run) }}{{- end -}}

{{/* statuses (dict "pod" "name" + what container wants): the statuses of all containers and the conditions, where the
     container `name` is as told, those before it have done their work, and those beside it run. "finished", a reason,
     says that the pod has ended, and those beside it with success. */}}
{{- define "statuses" -}}
{{ $at := . }}{{ $pod := .pod }}{{ $passed := true }}{{ $incomplete := list }}
{{ template "addresses" $pod }},
initContainerStatuses: [{{ range $pod.spec.initContainers }}
  {{- if eq .name $at.name }}{{ $passed = false }}{{ $incomplete = append $incomplete . }}
    {{- template "container" (set (merge (dict) $at) "c" .) }},
  {{- else if not $passed }}{{ $incomplete = append $incomplete . }}
    {{- template "container" (dict "c" . "kind" "created" "reason" "PodInitializing") }},
  {{- else if eq (or .restartPolicy "") "Always" }}{{ template "container" (dict "pod" $pod "c" . "kind" "running" "ready" true) }},
  {{- else }}{{ template "container" (dict "pod" $pod "c" . "kind" "ended" "exit" 0 "reason" "Completed" "ready" true) }},
  {{- end }}{{ end }}],
{{ $unready := list }}
containerStatuses: [{{ range $pod.spec.containers }}
  {{- if not $passed }}{{ $unready = append $unready . }}{{ template "container" (dict "c" . "kind" "created" "reason" "PodInitializing") }},
  {{- else if eq .name $at.name }}{{ if not $at.ready }}{{ $unready = append $unready . }}{{ end }}
    {{- template "container" (set (merge (dict) $at) "c" .) }},
  {{- else if $at.finished }}{{ template "container" (dict "pod" $pod "c" . "kind" "ended" "exit" 0 "reason" "Completed") }},
  {{- else }}{{ template "container" (dict "pod" $pod "c" . "kind" "running" "ready" true) }},
  {{- end }}{{ end }}],
conditions: [
  {{- if .finished }}{{ template "finished" (dict "reason" .finished) }}
  {{- else }}{{ template "conditions" (dict "sandbox" true "incomplete" $incomplete "unready" $unready) }}{{ end }}]
{{- end -}}

{{/* condition (dict "type" "status" "reason" "message") */}}
{{- define "condition" -}}
{ type: {{ .type }}, status: {{ .status | Quote }}, lastProbeTime: null, lastTransitionTime: {{ Now | Quote }},
  reason: {{ .reason | default "" | Quote }}, message: {{ .message | default "" | Quote }} }
{{- end -}}

{{/* names LIST: the names of containers as Go prints a list of strings. */}}
{{- define "names" -}}
[{{ range $i, $c := . }}{{ if $i }} {{ end }}{{ $c.name }}{{ end }}]
{{- end -}}

{{/* conditions (dict "sandbox" "unready" "incomplete"): `unready` and `incomplete` are containers. */}}
{{- define "conditions" -}}
{{ template "condition" (dict "type" "PodReadyToStartContainers" "status" (ternary "True" "False" .sandbox)) }},
{{ if .incomplete -}}
{ type: Initialized, status: "False", lastProbeTime: null, lastTransitionTime: {{ Now | Quote }}, reason: ContainersNotInitialized,
  message: "containers with incomplete status: {{ template "names" .incomplete }}" },
{{- else -}}
{{ template "condition" (dict "type" "Initialized" "status" "True") }},
{{- end }}
{{ template "readiness" . }}
{{- end -}}

{{- define "readiness" -}}
{{ $unready := .unready }}
{{ range $type := list "Ready" "ContainersReady" }}
{{ if $unready -}}
{ type: {{ $type }}, status: "False", lastProbeTime: null, lastTransitionTime: {{ Now | Quote }}, reason: ContainersNotReady,
  message: "containers with unready status: {{ template "names" $unready }}" },
{{- else -}}
{{ template "condition" (dict "type" $type "status" "True") }},
{{- end }}
{{ end }}
{{- end -}}

{{/* finished (dict "reason"): the conditions of a pod that has ended, PodCompleted or PodFailed. */}}
{{- define "finished" -}}
{{ template "condition" (dict "type" "PodReadyToStartContainers" "status" "False") }},
{{ template "condition" (dict "type" "Initialized" "status" "True" "reason" (ternary .reason "" (eq .reason "PodCompleted"))) }},
{{ template "condition" (dict "type" "Ready" "status" "False" "reason" .reason) }},
{{ template "condition" (dict "type" "ContainersReady" "status" "False" "reason" .reason) }},
{{- end -}}

{{/* addresses POD, given by KWOK from the node's pod range. */}}
{{- define "addresses" -}}
{{ $host := NodeIPWith .spec.nodeName }}
{{ $ip := or .status.podIP (PodIPWith .spec.nodeName (or .spec.hostNetwork false) .metadata.uid .metadata.name .metadata.namespace) }}
hostIP: {{ $host | Quote }}, hostIPs: [{ ip: {{ $host | Quote }} }], podIP: {{ $ip | Quote }}, podIPs: [{ ip: {{ $ip | Quote }} }]
{{- end -}}

{{/* event (dict "pod" "type" "reason" "message" "container" "count" "key"): as the kubelet records it. */}}
{{- define "event" -}}
{{ $pod := .pod }}{{ $container := .container }}
apiVersion: v1
kind: Event
metadata: { name: "{{ $pod.metadata.name }}.{{ sha256sum (printf "%s %s %s" $pod.metadata.uid .reason (or .key "")) | trunc 16 }}", namespace: {{ $pod.metadata.namespace }} }
involvedObject:
  { apiVersion: v1, kind: Pod, name: {{ $pod.metadata.name | Quote }}, namespace: {{ $pod.metadata.namespace }}, uid: {{ $pod.metadata.uid }},
    resourceVersion: {{ $pod.metadata.resourceVersion | Quote }},
    {{ if $container }}fieldPath: "spec.{{ range $pod.spec.initContainers }}{{ if eq .name $container }}initC{{ end }}{{ end }}{{ range $pod.spec.containers }}{{ if eq .name $container }}c{{ end }}{{ end }}ontainers{{ "{" }}{{ $container }}{{ "}" }}"{{ end }} }
type: {{ .type }}
reason: {{ .reason }}
message: {{ .message | Quote }}
count: {{ or .count 1 }}
firstTimestamp: {{ or $pod.status.startTime Now | Quote }}
lastTimestamp: {{ Now | Quote }}
source: { component: kubelet, host: {{ $pod.spec.nodeName | Quote }} }
reportingComponent: kubelet
reportingInstance: {{ $pod.spec.nodeName | Quote }}
{{- end -}}

{{/* pulled, created, started (dict "pod" "name" "count"): the Normal events of a container's start. */}}
{{- define "pulled" -}}
{{ $image := "" }}{{ $always := false }}
{{ range concat (or .pod.spec.initContainers list) .pod.spec.containers }}{{ if eq .name $.name }}{{ $image = .image }}{{ $always = eq .imagePullPolicy "Always" }}{{ end }}{{ end }}
{{ $message := printf "Container image %q already present on machine and can be accessed by the pod" $image }}
{{ if $always }}{{ $message = printf "Successfully pulled image %q in 412ms (412ms including waiting). Image size: 74212345 bytes." $image }}{{ end }}
{{ template "event" (dict "pod" .pod "type" "Normal" "reason" "Pulled" "container" .name "count" .count "message" $message) }}
{{- end -}}
{{- define "started" -}}
{{ template "event" (dict "pod" .pod "type" "Normal" "reason" "Started" "container" .name "count" .count "message" "Container started") }}
{{- end -}}
{{- define "created" -}}
{{ template "event" (dict "pod" .pod "type" "Normal" "reason" "Created" "container" .name "count" .count "message" "Container created") }}
{{- end -}}

{{/* unhealthy (dict "pod" "c" "kind" "probe" "output" "count"): a probe's failure; without a given output, what the
     kubelet says when nobody listens. */}}
{{- define "unhealthy" -}}
{{ $output := .output }}{{ $ip := .pod.status.podIP }}
{{ if and (not $output) .probe }}
  {{ $target := or .probe.httpGet .probe.tcpSocket .probe.grpc dict }}{{ $port := $target.port }}
  {{ range .c.ports }}{{ if eq (toString .name) (toString $port) }}{{ $port = .containerPort }}{{ end }}{{ end }}
  {{ $dial := printf "dial tcp %s:%v: connect: connection refused" $ip $port }}
  {{ if .probe.httpGet }}{{ $output = printf "Get %q: %s" (printf "%s://%s:%v%s" (lower (or .probe.httpGet.scheme "HTTP")) $ip $port (or .probe.httpGet.path "/")) $dial }}
  {{ else if .probe.tcpSocket }}{{ $output = $dial }}
  {{ else if .probe.grpc }}{{ $output = printf "timeout: failed to connect service \"%s:%v\" within 1s: context deadline exceeded" $ip $port }}{{ end }}
{{ end }}
{{ template "event" (dict "pod" .pod "type" "Warning" "reason" "Unhealthy" "container" .c.name "count" .count "key" .kind
   "message" (printf "%s probe failed: %s" .kind $output)) }}
{{- end -}}

{{/* What a pod's annotations say, for every template. */}}
{{- $pod := . -}}
{{- $said := or .metadata.annotations dict -}}
{{- $fault := index $said "testbed.seakeep.dev/fault" | default "" -}}
{{- $message := index $said "testbed.seakeep.dev/message" | default "" -}}
{{- $exit := index $said "testbed.seakeep.dev/exit-code" | default "1" -}}
{{- $restarts := index $said "testbed.seakeep.dev/restarts" | default "6" | atoi -}}
{{- $runs := eq (index $said "testbed.seakeep.dev/state" | default "waiting") "running" -}}
{{- $name := index $said "testbed.seakeep.dev/container" | default "" -}}
{{- if and (not $name) .spec.containers -}}
{{- $name = (index .spec.containers 0).name -}}
{{- if and (hasPrefix "init-" $fault) .spec.initContainers }}{{ $name = (index .spec.initContainers 0).name }}{{ end -}}
{{- end -}}
{{- $inInit := false -}}{{- $c := dict -}}
{{- range .spec.initContainers }}{{ if eq .name $name }}{{ $inInit = true }}{{ $c = . }}{{ end }}{{ end -}}
{{- range .spec.containers }}{{ if eq .name $name }}{{ $c = . }}{{ end }}{{ end -}}
{{- $described := printf "%s_%s(%s)" .metadata.name .metadata.namespace .metadata.uid -}}
{{- $backOff := index (list "10s" "10s" "20s" "40s" "1m20s" "2m40s" "5m0s") (min $restarts 6 | int) -}}

{{/* The messages of refusals, where none is given: what the kubelet or containerd says in the commonest case. */}}
{{- $pull := $message -}}{{- $refused := $message -}}
{{- if and (not $message) $c -}}
{{- $bare := regexReplaceAll "(@.*|:[^/:]*)$" $c.image "" -}}{{- $first := index (splitList "/" $c.image) 0 -}}
{{- $whole := $c.image -}}
{{- if not (contains "/" $whole) }}{{ $whole = print "docker.io/library/" $whole -}}
{{- else if not (or (contains "." $first) (contains ":" $first) (eq $first "localhost")) }}{{ $whole = print "docker.io/" $whole }}{{ end -}}
{{- if eq $bare $c.image }}{{ $whole = print $whole ":latest" }}{{ end -}}
{{- $pull = printf "rpc error: code = NotFound desc = failed to pull and unpack image %q: failed to resolve reference %q: %s: not found" $whole $whole $whole -}}
{{- if eq $fault "image-never-pull" }}{{ $refused = printf "Container image %q is not present with pull policy of Never" $c.image -}}
{{- else if eq $fault "image-invalid-name" -}}
{{- $refused = printf "Failed to apply default image tag %q: couldn't parse image name %q: invalid reference format" $c.image $c.image -}}
{{- else if eq $fault "create-container-config-error" -}}
{{- $missing := "" -}}
{{- range $c.env }}{{ with .valueFrom }}{{ with .configMapKeyRef }}{{ $missing = printf "configmap %q not found" .name }}{{ end -}}
{{- with .secretKeyRef }}{{ $missing = printf "secret %q not found" .name }}{{ end }}{{ end }}{{ end -}}
{{- range $c.envFrom }}{{ with .configMapRef }}{{ $missing = printf "configmap %q not found" .name }}{{ end -}}
{{- with .secretRef }}{{ $missing = printf "secret %q not found" .name }}{{ end }}{{ end -}}
{{- $refused = $missing | default (printf "container has runAsNonRoot and image will run as root (pod: %q, container: %s)" $described $name) -}}
{{- else if eq $fault "create-container-error" }}{{ $refused = "failed to generate container spec: failed to generate spec: no command specified" -}}
{{- else if eq $fault "run-container-error" -}}
{{- $program := or (and $c.command (index $c.command 0)) (and $c.args (index $c.args 0)) "/entrypoint.sh" -}}
{{- $refused = printf "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: %q: executable file not found in $PATH: unknown" $program -}}
{{- else if eq $fault "failed-mount" -}}
{{- range .spec.volumes }}{{ $volume := .name -}}
{{- with .secret }}{{ $refused = printf "MountVolume.SetUp failed for volume %q : secret %q not found" $volume .secretName }}{{ end -}}
{{- with .configMap }}{{ $refused = printf "MountVolume.SetUp failed for volume %q : configmap %q not found" $volume .name }}{{ end }}{{ end -}}
{{- if not $refused }}{{ $refused = "Unable to attach or mount volumes: timed out waiting for the condition" }}{{ end -}}
{{- else if eq $fault "sandbox-error" -}}
{{- $refused = printf "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox %q: plugin type=\"bridge\" failed (add): failed to allocate for range 0: no IP addresses available in range set" (sha256sum .metadata.uid) -}}
{{- else if eq $fault "evicted" -}}
{{- $refused = printf "The node was low on resource: memory. Threshold quantity: 100Mi, available: 61440Ki. Container %s was using 1843200Ki, request is %v, has larger consumption of memory. " $name (dig "resources" "requests" "memory" "0" $c) -}}
{{- end -}}
{{- end -}}
