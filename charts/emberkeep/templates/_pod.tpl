{{- /* What every pod has in common. */ -}}

{{- define "emberkeep.podSecurity" -}}
{{- $pod := .Values.pod.security_context.emberkeep.pod -}}
runAsNonRoot: true
runAsUser: {{ int $pod.runAsUser }}
runAsGroup: {{ int $pod.fsGroup }}
fsGroup: {{ int $pod.fsGroup }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "emberkeep.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- /* Where a pod runs: (dict "root" . "component" "api" "labels" .Values.labels.api). */ -}}
{{- define "emberkeep.placement" -}}
serviceAccountName: {{ include "emberkeep.fullname" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.secrets.oci_image_registry }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
nodeSelector:
  {{ .labels.node_selector_key }}: {{ .labels.node_selector_value | quote }}
{{- if .root.Values.pod.tolerations.emberkeep.enabled }}
tolerations:
  {{- toYaml .root.Values.pod.tolerations.emberkeep.tolerations | nindent 2 }}
{{- end }}
{{- with .root.Values.pod.priority_class }}
priorityClassName: {{ . }}
{{- end }}
securityContext:
  {{- include "emberkeep.podSecurity" .root | nindent 2 }}
{{- end -}}

{{- define "emberkeep.spread" -}}
{{- $spread := .root.Values.pod.topology_spread -}}
{{- if $spread.when_unsatisfiable }}
topologySpreadConstraints:
  {{- range $spread.topology_keys }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: {{ $spread.when_unsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "emberkeep.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* A change of what the chart renders into these rolls the pods; Secrets that it does not make do not. */ -}}
{{- define "emberkeep.podAnnotations" -}}
checksum/etc: {{ include (print .Template.BasePath "/secret-etc.yaml") . | sha256sum }}
checksum/bin: {{ include (print .Template.BasePath "/configmap-bin.yaml") . | sha256sum }}
checksum/secrets: {{ print (include (print .Template.BasePath "/secret-db.yaml") .) (include (print .Template.BasePath "/secret-keystone.yaml") .) | sha256sum }}
{{- with .Values.pod.annotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* rbd wants a keyring as a file; a Secret of openstack-helm holds the bare key. */ -}}
{{- define "emberkeep.initContainers" -}}
initContainers:
  - name: ceph-keyrings
    image: {{ include "emberkeep.image" . }}
    imagePullPolicy: {{ .Values.images.pull_policy }}
    command: [/bin/sh, /opt/emberkeep-bin/ceph-keyrings.sh]
    resources:
      {{- toYaml .Values.pod.resources.jobs | nindent 6 }}
    securityContext:
      {{- include "emberkeep.containerSecurity" . | nindent 6 }}
    volumeMounts:
      - { name: bin, mountPath: /opt/emberkeep-bin, readOnly: true }
      - { name: keyrings, mountPath: /etc/ceph/keyrings }
      {{- range $name, $cluster := .Values.ceph_client.clusters }}
      - { name: rbd-key-{{ $name }}, mountPath: /etc/ceph/keys/{{ $name }}, readOnly: true }
      {{- end }}
{{- end -}}

{{- define "emberkeep.baseEnv" -}}
- { name: EMBERKEEP_CONFIG, value: /etc/emberkeep/emberkeep.yaml }
- { name: HOME, value: /var/lib/emberkeep }
- { name: TMPDIR, value: /tmp }
{{- if .Values.secrets.tls.identity.ca }}
- { name: OS_CACERT, value: /etc/emberkeep-secrets/keystone-ca/ca.crt }
{{- end }}
{{- range $name, $value := .Values.pod.env }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end -}}

{{- define "emberkeep.env" -}}
{{ include "emberkeep.baseEnv" . }}
{{- if eq .Values.store.type "s3" }}
{{- range list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
- name: {{ . }}
  valueFrom:
    secretKeyRef: { name: {{ $.Values.secrets.store.s3 }}, key: {{ . }} }
{{- end }}
{{- end }}
{{- end -}}

{{- /* Enough for what only asks Keystone: no other secret than it needs. */ -}}
{{- define "emberkeep.baseMounts" -}}
- { name: etc, mountPath: /etc/emberkeep, readOnly: true }
- { name: bin, mountPath: /opt/emberkeep-bin, readOnly: true }
- { name: state, mountPath: /var/lib/emberkeep }
- { name: tmp, mountPath: /tmp }
{{- if .Values.secrets.tls.identity.ca }}
- { name: keystone-ca, mountPath: /etc/emberkeep-secrets/keystone-ca, readOnly: true }
{{- end }}
{{- end -}}

{{- define "emberkeep.mounts" -}}
{{ include "emberkeep.baseMounts" . }}
- { name: keyrings, mountPath: /etc/ceph/keyrings, readOnly: true }
{{- range $name, $cluster := .Values.ceph_client.clusters }}
- { name: ceph-{{ $name }}, mountPath: /etc/ceph/{{ $name }}, readOnly: true }
{{- end }}
- { name: database, mountPath: /etc/emberkeep-secrets/database, readOnly: true }
{{- if ne .Values.store.type "s3" }}
- { name: store, mountPath: /srv/emberkeep }
{{- else if .Values.secrets.store.s3_ca }}
- { name: s3-ca, mountPath: /etc/emberkeep-secrets/s3-ca, readOnly: true }
{{- end }}
{{- range $name, $secrets := .Values.secrets.stores }}
- { name: store-{{ $name }}, mountPath: /etc/emberkeep-secrets/stores/{{ $name }}, readOnly: true }
{{- if $secrets.s3_ca }}
- { name: store-ca-{{ $name }}, mountPath: /etc/emberkeep-secrets/stores-ca/{{ $name }}, readOnly: true }
{{- end }}
{{- end }}
{{- if .Values.secrets.master_key.name }}
- { name: master-key, mountPath: /etc/emberkeep-secrets/master-key, readOnly: true }
{{- end }}
{{- end -}}
