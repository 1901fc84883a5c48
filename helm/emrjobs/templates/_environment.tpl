{{/* The operator's environment. files/settings.yaml says which value is which variable, and what its default is. */}}

{{- define "emrjobs.environment" -}}
{{- with .Values.aws.region }}
- name: AWS_REGION
  value: {{ . | quote }}
{{- end }}
- name: AWS_STS_REGIONAL_ENDPOINTS
  value: {{ .Values.aws.stsRegionalEndpoints | quote }}
{{- if .Values.aws.useFipsEndpoint }}
- name: AWS_USE_FIPS_ENDPOINT
  value: "true"
{{- end }}
{{- if .Values.aws.useDualstackEndpoint }}
- name: AWS_USE_DUALSTACK_ENDPOINT
  value: "true"
{{- end }}
{{- with .Values.aws.endpoints.emrContainers }}
- name: AWS_ENDPOINT_URL_EMR_CONTAINERS
  value: {{ . | quote }}
{{- end }}
{{- with .Values.aws.endpoints.sts }}
- name: AWS_ENDPOINT_URL_STS
  value: {{ . | quote }}
{{- end }}
{{- with .Values.aws.endpoints.sqs }}
- name: AWS_ENDPOINT_URL_SQS
  value: {{ . | quote }}
{{- end }}
{{- with .Values.watch.namespaces }}
- name: EMRJOBS_NAMESPACE
  value: {{ join "," . | quote }}
{{- end }}
- name: EMRJOBS_LEASE_NAME
  value: {{ include "emrjobs.leaseName" . | quote }}
{{- range (.Files.Get "files/settings.yaml" | fromYaml).settings }}
{{- $value := get $.Values.settings .value }}
{{- /* As JSON: a template prints large numbers in a form that is no integer. */}}
{{- $text := ternary $value (toJson $value) (kindIs "string" $value) }}
{{- if and $text (ne $text (ternary .default (toJson .default) (kindIs "string" .default))) }}
- name: {{ .environment }}
  value: {{ $text | quote }}
{{- end }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Longer than the operator takes to stop by itself. */}}
{{- define "emrjobs.gracePeriod" -}}
{{- add (ceil .Values.settings.stopLimit) 10 }}
{{- end }}

{{/* What a schema cannot say. */}}
{{- define "emrjobs.validate" -}}
{{- with .Values.settings }}
{{- if not (and (lt (float64 .leaseRetry) (float64 .leaseRenewDeadline)) (lt (float64 .leaseRenewDeadline) (float64 .leaseDuration))) }}
{{- fail "settings.leaseRetry < settings.leaseRenewDeadline < settings.leaseDuration must hold" }}
{{- end }}
{{- end }}
{{- if and (not .Values.settings.leaderElection) (gt (int .Values.replicaCount) 1) }}
{{- fail "without settings.leaderElection there may be one operator only: set replicaCount to 1" }}
{{- end }}
{{- end }}
