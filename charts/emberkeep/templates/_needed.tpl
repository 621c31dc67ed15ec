{{- /* What pods name and the chart does not make; one line each, for the notes. */ -}}
{{- define "emberkeep.needed" -}}
{{- range $name, $cluster := .Values.ceph_client.clusters }}
  ConfigMap {{ $cluster.configmap }} and Secret {{ $cluster.rbd_user_keyring }}: Ceph cluster {{ $name }}, user client.{{ $cluster.rbd_user }}
{{- end }}
{{- if not .Values.endpoints.oslo_db.auth.emberkeep.password }}
  Secret {{ .Values.secrets.oslo_db.emberkeep }}, key {{ .Values.secrets.oslo_db.key }}: URL of the database
{{- end }}
{{- if not .Values.endpoints.identity.auth.emberkeep.password }}
  Secret {{ .Values.secrets.identity.emberkeep }}: OS_* of the service user
{{- end }}
{{- if and .Values.manifests.job_keystone_bootstrap (not .Values.endpoints.identity.auth.admin.password) }}
  Secret {{ .Values.secrets.identity.admin }}: OS_* of an administrator, for the job keystone-bootstrap
{{- end }}
{{- if eq .Values.store.type "s3" }}
  Secret {{ .Values.secrets.store.s3 }}, keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: of the bucket {{ .Values.store.s3.bucket }}
{{- with .Values.secrets.store.s3_ca }}
  Secret {{ . }}, key ca.crt: who signed the certificate of the bucket's gateway
{{- end }}
{{- end }}
{{- range $name, $secrets := .Values.secrets.stores }}
  Secret {{ $secrets.s3 }}, keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: of the store {{ $name }}
{{- with $secrets.s3_ca }}
  Secret {{ . }}, key ca.crt: who signed the certificate of the store {{ $name }}
{{- end }}
{{- end }}
{{- with .Values.secrets.tls.identity.ca }}
  Secret {{ . }}, key ca.crt: who signed the certificates of OpenStack
{{- end }}
{{- if and .Values.network.api.ingress.public .Values.network.api.ingress.tls }}
  Secret {{ .Values.secrets.tls.instance_backup.api.public }}: certificate of the Ingress, unless an issuer in its annotations makes it
{{- end }}
{{- range .Values.secrets.oci_image_registry }}
  Secret {{ . }}: to pull the image with
{{- end }}
{{- with .Values.secrets.master_key }}
{{- if .name }}
  Secret {{ .name }}, key {{ join ", " (prepend .old_keys .key) }}: the master key. Keep a copy of it where the store is not: without it the backups are lost.
{{- end }}
{{- end }}
{{- end -}}
