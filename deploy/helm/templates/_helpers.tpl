{{- define "insightly-scim.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "insightly-scim.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride }}
{{- else if contains (include "insightly-scim.name" .) .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "insightly-scim.name" .) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "insightly-scim.selectorLabels" -}}
app.kubernetes.io/name: {{ include "insightly-scim.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "insightly-scim.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{ include "insightly-scim.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* The labels of the part that answers under the release's name: the only server, or the routers of several. */}}
{{- define "insightly-scim.front" -}}
{{ include "insightly-scim.selectorLabels" . }}
app.kubernetes.io/component: {{ ternary "router" "server" (gt (int .Values.replicas) 1) }}
{{- end }}

{{/* The settings as they are given, and the public URL that an Ingress makes. */}}
{{- define "insightly-scim.settings" -}}
{{- $settings := deepCopy .Values.settings }}
{{- if and .Values.ingress.enabled (not $settings.publicUrl) }}
{{- $scheme := ternary "https" "http" (ne .Values.ingress.tlsSecret "") }}
{{- $_ := set $settings "publicUrl" (printf "%s://%s" $scheme .Values.ingress.host) }}
{{- end }}
{{- if gt (int .Values.replicas) 1 }}
{{- $_ := set $settings "trustProxy" true }}
{{- end }}
{{- toJson $settings }}
{{- end }}

{{/* What a schema cannot say: values that need each other. */}}
{{- define "insightly-scim.check" -}}
{{- if gt (int .Values.replicas) 1 }}
{{- if not (and .Values.secret.name .Values.secret.adminKeyKey) }}
{{- fail "secret.name is empty; expected a Secret with the admin key that all servers share, since replicas is above 1." }}
{{- end }}
{{- if .Values.persistence.existingClaim }}
{{- fail "persistence.existingClaim is given; expected none, since replicas is above 1 and each server has a volume of its own." }}
{{- end }}
{{- if .Values.settings.anyToken }}
{{- fail "settings.anyToken is true; expected false, since replicas is above 1 and an unknown token names no instance." }}
{{- end }}
{{- end }}
{{- if and .Values.settings.upstream (not (and .Values.secret.name .Values.secret.upstreamTokenKey)) }}
{{- fail "secret.upstreamTokenKey is empty; expected the key of the upstream's token in the Secret secret.name, since settings.upstream is given." }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
{{- fail "ingress.host is empty; expected the host name that the Ingress serves, such as scim.example.com, since ingress.enabled is true." }}
{{- end }}
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.allowNamespaces) }}
{{- range $name, $from := dict "ingress" "the Ingress controller" "serviceMonitor" "Prometheus" }}
{{- if (get $.Values $name).enabled }}
{{- fail (printf "networkPolicy.allowNamespaces is empty; expected the namespace of %s, since %s.enabled is true, or networkPolicy.enabled=false." $from $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
