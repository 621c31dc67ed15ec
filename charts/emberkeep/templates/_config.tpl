{{- /* emberkeep.yaml: what conf.emberkeep says, and what the chart's own objects decide over it. */ -}}
{{- define "emberkeep.config" -}}
{{- $ports := .Values.endpoints.instance_backup.port -}}
{{- $clusters := dict -}}
{{- range $name, $cluster := .Values.ceph_client.clusters -}}
{{- $keyring := printf "/etc/ceph/keyrings/%s.client.%s.keyring" $name $cluster.rbd_user -}}
{{- $_ := set $clusters $name (dict "conf" (printf "/etc/ceph/%s/ceph.conf" $name) "user" $cluster.rbd_user "keyring" $keyring) -}}
{{- end -}}
{{- $own := dict
  "state_dir" "/var/lib/emberkeep"
  "listen" (printf "0.0.0.0:%d" (int $ports.api.default))
  "monitoring" (dict "listen" (printf "0.0.0.0:%d" (int $ports.metrics.default)))
  "database" (dict "url_file" "/etc/emberkeep-secrets/database/url")
  "clusters" $clusters
-}}
{{- if .Values.conf.emberkeep.stores -}}
{{- $_ := set $own "stores" (include "emberkeep.storesConfig" . | fromYaml) -}}
{{- else -}}
{{- $_ := set $own "store" (include "emberkeep.storeConfig" . | fromYaml) -}}
{{- end -}}
{{- $key := .Values.secrets.master_key -}}
{{- if $key.name -}}
{{- $old := list -}}
{{- range $key.old_keys -}}{{- $old = append $old (printf "/etc/emberkeep-secrets/master-key/%s" .) -}}{{- end -}}
{{- $_ := set $own "encryption" (dict "key_file" (printf "/etc/emberkeep-secrets/master-key/%s" $key.key) "old_key_files" $old) -}}
{{- end -}}
{{- mergeOverwrite (deepCopy .Values.conf.emberkeep) $own | toYaml -}}
{{- end -}}

{{- define "emberkeep.storeConfig" -}}
{{- $s3 := .Values.store.s3 -}}
{{- if ne .Values.store.type "s3" -}}
directory: /srv/emberkeep
{{- else -}}
s3:
  bucket: {{ required "store.s3.bucket: name the bucket, or set store.type to claim or nfs" $s3.bucket | quote }}
  prefix: {{ $s3.prefix | quote }}
  {{- with $s3.endpoint }}
  endpoint: {{ . | quote }}
  {{- end }}
  {{- with $s3.region }}
  region: {{ . | quote }}
  {{- end }}
  {{- if kindIs "bool" $s3.path_style }}
  path_style: {{ $s3.path_style }}
  {{- end }}
  {{- if .Values.secrets.store.s3_ca }}
  ca_file: /etc/emberkeep-secrets/s3-ca/ca.crt
  {{- end }}
{{- end -}}
{{- end -}}

{{- /* The chart's own store, under the name default, and those of conf with the files of their secrets. */ -}}
{{- define "emberkeep.storesConfig" -}}
{{- $stores := deepCopy .Values.conf.emberkeep.stores -}}
{{- $isDefault := true -}}
{{- range $name, $store := $stores -}}
{{- if $store.default -}}{{- $isDefault = false -}}{{- end -}}
{{- with index $.Values.secrets.stores $name -}}
{{- $folder := printf "/etc/emberkeep-secrets/stores/%s" $name -}}
{{- $files := dict "access_key_id_file" (printf "%s/AWS_ACCESS_KEY_ID" $folder) "secret_access_key_file" (printf "%s/AWS_SECRET_ACCESS_KEY" $folder) -}}
{{- if .s3_ca -}}{{- $_ := set $files "ca_file" (printf "/etc/emberkeep-secrets/stores-ca/%s/ca.crt" $name) -}}{{- end -}}
{{- $_ := set $store "s3" (mergeOverwrite (deepCopy ($store.s3 | default dict)) $files) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $stores "default" (merge (dict "default" $isDefault) (include "emberkeep.storeConfig" . | fromYaml)) -}}
{{- $stores | toYaml -}}
{{- end -}}

{{- /* How long a pod may take to end: what the service is told to take, and a moment to put its jobs away. */ -}}
{{- define "emberkeep.graceSeconds" -}}
{{- $shutdown := .Values.conf.emberkeep.shutdown | default dict -}}
{{- $notice := dig "notice_seconds" 0 $shutdown -}}
{{- $jobs := dig "jobs_seconds" 10 $shutdown -}}
{{- add (int $notice) (int $jobs) 30 -}}
{{- end -}}
