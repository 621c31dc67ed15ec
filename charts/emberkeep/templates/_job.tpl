{{- /* After what the release is made of, so that Secrets and ConfigMaps are there; the weight is the order. */ -}}
{{- define "emberkeep.hook" -}}
{{- if .root.Values.helm3_hook -}}
annotations:
  helm.sh/hook: post-install,post-upgrade
  helm.sh/hook-weight: {{ .weight | quote }}
  helm.sh/hook-delete-policy: before-hook-creation
{{- end -}}
{{- end -}}

{{- /* A Job of one container: (dict "root" . "component" "db-sync" "weight" "-4" "script" "db-sync.sh"), "identity" SECRET
       where it signs in, and what a job that needs no more than one secret has instead of all that the service has: "bare"
       (dict "env" "mounts" "volumes"). */ -}}
{{- define "emberkeep.job" -}}
{{- $root := .root -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "emberkeep.fullname" $root }}-{{ .component }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "emberkeep.labels" . | nindent 4 }}
  {{- include "emberkeep.hook" . | nindent 2 }}
spec:
  backoffLimit: 6
  activeDeadlineSeconds: 3600
  template:
    metadata:
      labels:
        {{- include "emberkeep.podLabels" . | nindent 8 }}
    spec:
      restartPolicy: OnFailure
      {{- include "emberkeep.placement" (dict "root" $root "labels" $root.Values.labels.job) | nindent 6 }}
      {{- if not .bare }}
      {{- include "emberkeep.initContainers" $root | nindent 6 }}
      {{- end }}
      containers:
        - name: {{ .component }}
          {{- include "emberkeep.scriptContainer" . | nindent 10 }}
      volumes:
        {{- if .bare }}
        {{- include "emberkeep.baseVolumes" $root | nindent 8 }}
        {{- .bare.volumes | nindent 8 }}
        {{- else }}
        {{- include "emberkeep.volumes" $root | nindent 8 }}
        {{- end }}
{{- end -}}

{{- /* A container that runs a script of the ConfigMap in the service's environment. */ -}}
{{- define "emberkeep.scriptContainer" -}}
image: {{ include "emberkeep.image" .root }}
imagePullPolicy: {{ .root.Values.images.pull_policy }}
command: [/bin/sh, /opt/emberkeep-bin/{{ .script }}]
env:
  {{- if .bare }}
  {{- include "emberkeep.baseEnv" .root | nindent 2 }}
  {{- with .bare.env }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- else }}
  {{- include "emberkeep.env" .root | nindent 2 }}
  {{- with .env }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- end }}
{{- with .identity }}
envFrom:
  - secretRef: { name: {{ . }} }
{{- end }}
resources:
  {{- toYaml .root.Values.pod.resources.jobs | nindent 2 }}
securityContext:
  {{- include "emberkeep.containerSecurity" .root | nindent 2 }}
volumeMounts:
  {{- if .bare }}
  {{- include "emberkeep.baseMounts" .root | nindent 2 }}
  {{- .bare.mounts | nindent 2 }}
  {{- else }}
  {{- include "emberkeep.mounts" .root | nindent 2 }}
  {{- end }}
{{- end -}}
