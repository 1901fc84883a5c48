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
{{- if .Values.policy.selectors }}
- name: EMRJOBS_POLICY_SELECTORS
  value: "true"
{{- end }}
{{- if .Values.policy.inline }}
- name: EMRJOBS_POLICY_FILE
  value: /etc/emrjobs/policies.yaml
{{- end }}
- name: EMRJOBS_LEASE_NAME
  value: {{ include "emrjobs.leaseName" . | quote }}
{{- range (.Files.Get "files/settings.yaml" | fromYaml).settings }}
{{- $value := get $.Values.settings .value }}
{{- /* As JSON: a template prints large numbers in a form that is no integer. */}}
{{- $text := include "emrjobs.variable" $value }}
{{- if and $text (ne $text (include "emrjobs.variable" .default)) }}
- name: {{ .environment }}
  value: {{ $text | quote }}
{{- end }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* A value as the text of a variable. Lists of names are separated by commas. */}}
{{- define "emrjobs.variable" -}}
{{- if kindIs "slice" . }}{{ join "," . }}{{ else if kindIs "string" . }}{{ . }}{{ else }}{{ toJson . }}{{ end }}
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
{{- if and .Values.policy.inline .Values.settings.policyFile }}
{{- fail "policy.inline and settings.policyFile exclude each other" }}
{{- end }}
{{- if and (eq .Values.settings.policy "required") .Values.watch.namespaces (not .Values.policy.inline) (not .Values.settings.policyFile) }}
{{- fail "settings.policy=required needs policy.inline or settings.policyFile where watch.namespaces are named" }}
{{- end }}
{{- if and .Values.policy.selectors .Values.watch.namespaces }}
{{- fail "policy.selectors needs rights in the whole cluster: watch.namespaces must be empty" }}
{{- end }}
{{- if and (not .Values.settings.leaderElection) (gt (int .Values.replicaCount) 1) }}
{{- fail "without settings.leaderElection there may be one operator only: set replicaCount to 1" }}
{{- end }}
{{- end }}
