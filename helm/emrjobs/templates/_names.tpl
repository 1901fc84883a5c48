{{/* Names and labels. */}}

{{- define "emrjobs.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 53 | trimSuffix "-" }}
{{- end }}

{{/* Room is left below 63 characters for what is appended. */}}
{{- define "emrjobs.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 53 | trimSuffix "-" }}
{{- else if contains (include "emrjobs.name" .) .Release.Name }}
{{- .Release.Name | trunc 53 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "emrjobs.name" .) | trunc 53 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "emrjobs.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "emrjobs.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is needed where serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "emrjobs.leaseName" -}}
{{- default (include "emrjobs.fullname" .) .Values.settings.leaseName }}
{{- end }}

{{- define "emrjobs.leaseNamespace" -}}
{{- default .Release.Namespace .Values.settings.leaseNamespace }}
{{- end }}

{{/* What selects all pods of the release. A Deployment's selector never changes, so there is no version in it. */}}
{{- define "emrjobs.selector" -}}
app.kubernetes.io/name: {{ include "emrjobs.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* What selects the operator's own pods, without those of hooks. */}}
{{- define "emrjobs.operatorSelector" -}}
{{ include "emrjobs.selector" . }}
app.kubernetes.io/component: operator
{{- end }}

{{/* All labels, one of each name: dict "root" $ and, if need be, "labels". The selector's win, then the given ones. */}}
{{- define "emrjobs.labels" -}}
{{- $selector := include "emrjobs.selector" .root | fromYaml -}}
{{- $chart := dict
  "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/version" .root.Chart.AppVersion
  "app.kubernetes.io/managed-by" .root.Release.Service
  "app.kubernetes.io/part-of" "emrjobs" -}}
{{- toYaml (merge (dict) $selector (default (dict) .labels) (default (dict) .root.Values.commonLabels) $chart) }}
{{- end }}

{{/* Labels of the operator's pods, without the chart's version: a new one alone must not replace them. */}}
{{- define "emrjobs.podLabels" -}}
{{- $selector := include "emrjobs.operatorSelector" . | fromYaml -}}
{{- toYaml (merge (dict) $selector (default (dict) .Values.podLabels) (default (dict) .Values.commonLabels)) }}
{{- end }}

{{/* Metadata of an object: dict "root" $ "name" "…" and, if need be, "namespace", "labels", "annotations". */}}
{{- define "emrjobs.metadata" -}}
name: {{ .name }}
{{- with .namespace }}
namespace: {{ . }}
{{- end }}
labels:
  {{- include "emrjobs.labels" . | nindent 2 }}
{{- with merge (dict) (default (dict) .annotations) (default (dict) .root.Values.commonAnnotations) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
