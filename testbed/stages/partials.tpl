{{/* What the stages share. The launcher puts this text before every template of a stage. Everything is written in
     YAML's flow style, so that a part needs to know nothing about the indentation of the place it is used in. */}}

{{/* image NAME: the name as containerd resolves it. */}}
{{- define "image" -}}
{{- $first := index (splitList "/" .) 0 -}}
{{- if not (contains "/" .) }}docker.io/library/
{{- else if not (or (contains "." $first) (contains ":" $first) (eq $first "localhost")) }}docker.io/
{{- end }}{{ . }}{{ if not (or (contains "@" .) (contains ":" (last (splitList "/" .)))) }}:latest{{ end }}
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
  imageID: "{{ template "image" (regexReplaceAll "(@.*|:[^/:]*)$" .c.image "") }}@sha256:{{ sha256sum .c.image }}",
  {{- end }}
  ready: {{ .ready | default false }}, started: {{ eq .kind "running" }}, restartCount: {{ .restarts | default 0 }},
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
     container `name` is as told, those before it have done their work, and those beside it run. */}}
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
  {{- else }}{{ template "container" (dict "pod" $pod "c" . "kind" "running" "ready" true) }},
  {{- end }}{{ end }}],
conditions: [{{ template "conditions" (dict "sandbox" true "incomplete" $incomplete "unready" $unready) }}]
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
