{{- /* One of the two Deployments: (dict "root" . "component" "api" "probePort" "api"). */ -}}
{{- define "emberkeep.deployment" -}}
{{- $root := .root -}}
{{- $component := .component -}}
{{- $values := $root.Values -}}
{{- $ports := $values.endpoints.instance_backup.port -}}
{{- $lifecycle := $values.pod.lifecycle.upgrades.deployments -}}
{{- $probes := $values.pod.probes -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "emberkeep.fullname" $root }}-{{ $component }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "emberkeep.labels" . | nindent 4 }}
spec:
  {{- if not (and (eq $component "api") $values.pod.autoscaling.api.enabled) }}
  replicas: {{ get $values.pod.replicas $component | int }}
  {{- end }}
  revisionHistoryLimit: {{ int $lifecycle.revision_history }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: {{ $lifecycle.rolling_update.max_unavailable }}
      maxSurge: {{ $lifecycle.rolling_update.max_surge }}
  selector:
    matchLabels:
      {{- include "emberkeep.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "emberkeep.podLabels" . | nindent 8 }}
      annotations:
        {{- include "emberkeep.podAnnotations" $root | nindent 8 }}
    spec:
      {{- include "emberkeep.placement" (dict "root" $root "labels" (get $values.labels $component)) | nindent 6 }}
      {{- include "emberkeep.spread" . | nindent 6 }}
      terminationGracePeriodSeconds: {{ include "emberkeep.graceSeconds" $root }}
      {{- include "emberkeep.initContainers" $root | nindent 6 }}
      containers:
        - name: emberkeep
          image: {{ include "emberkeep.image" $root }}
          imagePullPolicy: {{ $values.images.pull_policy }}
          args: [serve, --role, {{ $component }}]
          env:
            {{- include "emberkeep.env" $root | nindent 12 }}
          envFrom:
            - secretRef: { name: {{ $values.secrets.identity.emberkeep }} }
          ports:
            {{- if eq $component "api" }}
            - { name: api, containerPort: {{ int $ports.api.default }}, protocol: TCP }
            {{- end }}
            - { name: metrics, containerPort: {{ int $ports.metrics.default }}, protocol: TCP }
          startupProbe:
            httpGet: { path: /livez, port: {{ .probePort }} }
            periodSeconds: 5
            timeoutSeconds: {{ int $probes.timeout_seconds }}
            failureThreshold: {{ div (add (int $probes.startup_seconds) 4) 5 }}
          livenessProbe:
            httpGet: { path: /livez, port: {{ .probePort }} }
            periodSeconds: {{ int $probes.period_seconds }}
            timeoutSeconds: {{ int $probes.timeout_seconds }}
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /readyz, port: {{ .probePort }} }
            periodSeconds: {{ int $probes.period_seconds }}
            timeoutSeconds: {{ int $probes.timeout_seconds }}
            failureThreshold: 2
          resources:
            {{- toYaml (get $values.pod.resources $component) | nindent 12 }}
          securityContext:
            {{- include "emberkeep.containerSecurity" $root | nindent 12 }}
          volumeMounts:
            {{- include "emberkeep.mounts" $root | nindent 12 }}
      volumes:
        {{- include "emberkeep.volumes" $root | nindent 8 }}
{{- end -}}
