{{/* A role and its binding to the operator's ServiceAccount: dict "root" $ "name" "…" "rules" (list …), and "namespace" unless it is of the cluster, "labels", "annotations". */}}
{{- define "emrjobs.granted" -}}
{{- $prefix := ternary "" "Cluster" (hasKey . "namespace") }}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $prefix }}Role
metadata:
  {{- include "emrjobs.metadata" . | nindent 2 }}
rules:
  {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $prefix }}RoleBinding
metadata:
  {{- include "emrjobs.metadata" . | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $prefix }}Role
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ include "emrjobs.serviceAccount" .root }}
    namespace: {{ .root.Release.Namespace }}
{{- end }}
