{{/* Each takes {"root": $, "service": "query-api"}. */}}

{{/* <release>-<service>: short enough for the names that Kubernetes derives from it. */}}
{{- define "kmonitor.name" -}}
{{ printf "%s-%s" (.root.Release.Name | trunc 30 | trimSuffix "-") .service }}
{{- end }}

{{- define "kmonitor.selector" -}}
app.kubernetes.io/name: kmonitor
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .service }}
{{- end }}

{{- define "kmonitor.labels" -}}
{{ include "kmonitor.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* The start of every container: image, rights, and, last so that more can follow, what every process is told. */}}
{{- define "kmonitor.container" -}}
{{- $values := .root.Values -}}
name: {{ .service }}
image: {{ printf "%s/%s:%s" $values.image.registry (.image | default .service) ($values.image.tag | default .root.Chart.AppVersion) }}
imagePullPolicy: {{ $values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - {name: tmp, mountPath: /tmp}
env:
  - name: KMONITOR_INSTANCE
    valueFrom: {fieldRef: {fieldPath: metadata.name}}
  - name: KMONITOR_KAFKA
    value: {{ $values.kafka.bootstrap | quote }}
  - name: KMONITOR_REPLICATION
    value: {{ $values.kafka.replication | quote }}
  - name: KMONITOR_CLICKHOUSE
    value: {{ $values.clickhouse.url | quote }}
  - name: KMONITOR_LOG_LEVEL
    value: {{ $values.logLevel }}
  - name: KMONITOR_HTTP_HOST
    value: 0.0.0.0
  - name: KMONITOR_HTTP_PORT
    value: "8080"
  - name: KMONITOR_DATA
    value: /tmp/kmonitor
{{- end }}

{{/* What every pod has in common. No token: nothing of ours talks to Kubernetes. */}}
{{- define "kmonitor.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
volumes:
  - name: tmp
    emptyDir: {sizeLimit: 64Mi}
{{- end }}
