{{- /* Mode 288 is 0440: the pod's group reads a secret, which the service asks of a master key. */ -}}
{{- define "emberkeep.baseVolumes" -}}
- name: etc
  secret: { secretName: {{ include "emberkeep.fullname" . }}-etc, defaultMode: 288 }
- name: bin
  configMap: { name: {{ include "emberkeep.fullname" . }}-bin, defaultMode: 365 }
- name: state
  emptyDir: {}
- name: tmp
  emptyDir: {}
{{- if .Values.secrets.tls.identity.ca }}
- name: keystone-ca
  secret: { secretName: {{ .Values.secrets.tls.identity.ca }}, defaultMode: 288 }
{{- end }}
{{- end -}}

{{- define "emberkeep.databaseVolume" -}}
- name: database
  secret:
    secretName: {{ .Values.secrets.oslo_db.emberkeep }}
    defaultMode: 288
    items: [{ key: {{ .Values.secrets.oslo_db.key | quote }}, path: url }]
{{- end -}}

{{- define "emberkeep.volumes" -}}
{{ include "emberkeep.baseVolumes" . }}
- name: keyrings
  emptyDir: { medium: Memory, sizeLimit: 1Mi }
{{- range $name, $cluster := .Values.ceph_client.clusters }}
- name: ceph-{{ $name }}
  configMap:
    name: {{ $cluster.configmap }}
    items: [{ key: ceph.conf, path: ceph.conf }]
- name: rbd-key-{{ $name }}
  secret:
    secretName: {{ $cluster.rbd_user_keyring }}
    defaultMode: 288
    items: [{ key: {{ $cluster.rbd_user_keyring_key | default "key" | quote }}, path: {{ $cluster.rbd_user | quote }} }]
{{- end }}
{{ include "emberkeep.databaseVolume" . }}
{{- if eq .Values.store.type "claim" }}
- name: store
  persistentVolumeClaim: { claimName: {{ include "emberkeep.claim" . }} }
{{- else if eq .Values.store.type "nfs" }}
- name: store
  nfs:
    server: {{ required "store.nfs.server: name the file server" .Values.store.nfs.server | quote }}
    path: {{ required "store.nfs.path: name the exported path" .Values.store.nfs.path | quote }}
{{- else if .Values.secrets.store.s3_ca }}
- name: s3-ca
  secret: { secretName: {{ .Values.secrets.store.s3_ca }}, defaultMode: 288 }
{{- end }}
{{- range $name, $secrets := .Values.secrets.stores }}
- name: store-{{ $name }}
  secret: { secretName: {{ $secrets.s3 }}, defaultMode: 288 }
{{- if $secrets.s3_ca }}
- name: store-ca-{{ $name }}
  secret: { secretName: {{ $secrets.s3_ca }}, defaultMode: 288 }
{{- end }}
{{- end }}
{{- if .Values.secrets.master_key.name }}
- name: master-key
  secret: { secretName: {{ .Values.secrets.master_key.name }}, defaultMode: 288 }
{{- end }}
{{- end -}}
