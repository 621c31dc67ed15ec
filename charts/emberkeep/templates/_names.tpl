{{- /* Names, labels and addresses. */ -}}

{{- define "emberkeep.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* Of objects that are no part's own: (dict "root" . "component" "api"). */ -}}
{{- define "emberkeep.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{ include "emberkeep.podLabels" . }}
{{- end -}}

{{- /* The last three are what the NetworkPolicies of openstack-helm's charts select by. */ -}}
{{- define "emberkeep.podLabels" -}}
{{ include "emberkeep.selector" . }}
application: emberkeep
component: {{ .component }}
release_group: {{ .root.Release.Name }}
{{- end -}}

{{- define "emberkeep.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "emberkeep.image" -}}
{{- required "images.tags.emberkeep: name the image that you built and pushed, such as images.example.org/emberkeep:0.1.0" .Values.images.tags.emberkeep -}}
{{- end -}}

{{- define "emberkeep.internalHost" -}}
{{- printf "%s-api.%s.svc.%s" (include "emberkeep.fullname" .) .Release.Namespace .Values.endpoints.cluster_domain_suffix -}}
{{- end -}}

{{- define "emberkeep.internalUrl" -}}
{{- printf "http://%s:%d" (include "emberkeep.internalHost" .) (int .Values.endpoints.instance_backup.port.api.default) -}}
{{- end -}}

{{- define "emberkeep.publicHost" -}}
{{- $public := .Values.endpoints.instance_backup.host_fqdn_override.public -}}
{{- if kindIs "map" $public -}}{{ $public.host }}{{- else -}}{{ $public | default "" }}{{- end -}}
{{- end -}}

{{- define "emberkeep.requiredPublicHost" -}}
{{- required "endpoints.instance_backup.host_fqdn_override.public: set the host name of the Ingress or HTTPRoute" (include "emberkeep.publicHost" .) -}}
{{- end -}}

{{- define "emberkeep.publicUrl" -}}
{{- $endpoint := .Values.endpoints.instance_backup -}}
{{- $scheme := $endpoint.scheme.public -}}
{{- $port := int $endpoint.port.api.public -}}
{{- $host := include "emberkeep.publicHost" . -}}
{{- if not $host -}}
{{- include "emberkeep.internalUrl" . -}}
{{- else if or (and (eq $scheme "https") (eq $port 443)) (and (eq $scheme "http") (eq $port 80)) -}}
{{- printf "%s://%s" $scheme $host -}}
{{- else -}}
{{- printf "%s://%s:%d" $scheme $host $port -}}
{{- end -}}
{{- end -}}

{{- /* The URL of Keystone, for the Secrets that the chart makes. */ -}}
{{- define "emberkeep.authUrl" -}}
{{- $identity := .Values.endpoints.identity -}}
{{- $host := $identity.host_fqdn_override.internal | default $identity.hosts.internal -}}
{{- printf "%s://%s:%d%s" $identity.scheme.internal $host (int $identity.port.api.internal) $identity.path.default -}}
{{- end -}}

{{- define "emberkeep.databaseHost" -}}
{{- if .Values.postgresql.enabled -}}
{{- printf "%s-postgresql" (include "emberkeep.fullname" .) -}}
{{- else -}}
{{- .Values.endpoints.oslo_db.host_fqdn_override.default | default .Values.endpoints.oslo_db.hosts.default -}}
{{- end -}}
{{- end -}}

{{- define "emberkeep.claim" -}}
{{- .Values.store.claim.existing | default (printf "%s-store" (include "emberkeep.fullname" .)) -}}
{{- end -}}
