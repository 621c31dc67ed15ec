/** Which values of the chart are right, by path, where the default does not say so. Patterns are RE2, as Helm's. */
type JsonSchema = Record<string, unknown>;

const whole = (minimum: number, maximum?: number): JsonSchema => ({
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
});
const oneOf = (...values: unknown[]): JsonSchema => ({ enum: values });
const matching = (pattern: string): JsonSchema => ({ type: 'string', pattern });
const listOf = (items: JsonSchema, more: JsonSchema = {}): JsonSchema => ({ type: 'array', items, ...more });
const closed = (properties: Record<string, JsonSchema>, required: string[] = []): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});
const mapOf = (values: JsonSchema): JsonSchema => ({ type: 'object', additionalProperties: values });

const name = '[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?';
const objectName = matching(`^${name}$`);
const objectNameOrNone = matching(`^(${name})?$`);
const secretKey = matching('^[-._a-zA-Z0-9]{1,253}$');
const port = whole(1, 65535);
const ports = listOf(port);
const quantity = matching('^[0-9]+([.][0-9]+)?([EPTGMk]i?|m)?$');
const scheme = oneOf('http', 'https');
const host = matching(`^${name}$`);
const hostOrNone: JsonSchema = { anyOf: [{ type: 'null' }, host] };
const amount: JsonSchema = { anyOf: [quantity, { type: 'number', exclusiveMinimum: 0 }] };
const amounts = { cpu: amount, memory: amount, 'ephemeral-storage': amount };
const atOnce: JsonSchema = { anyOf: [whole(0), matching('^[0-9]{1,3}%$')] };
const text: JsonSchema = { type: 'string' };

/** Every container has a limit of memory. */
const resources = closed({ requests: closed(amounts), limits: closed(amounts, ['memory']) }, ['limits']);

const peers = listOf({
  ...closed({
    podSelector: { type: 'object' },
    namespaceSelector: { type: 'object' },
    ipBlock: { type: 'object' },
  }),
  minProperties: 1,
});

const cephCluster = closed(
  {
    configmap: objectName,
    rbd_user: { ...matching('^[A-Za-z0-9._-]+$'), not: { pattern: '^client[.]' } },
    rbd_user_keyring: objectName,
    rbd_user_keyring_key: secretKey,
  },
  ['configmap', 'rbd_user', 'rbd_user_keyring'],
);

export const rules: Readonly<Record<string, JsonSchema>> = {
  'images.tags.emberkeep': matching('^[^ ]*$'),
  'images.pull_policy': oneOf('IfNotPresent', 'Always', 'Never'),
  'ceph_client.clusters': {
    ...mapOf(cephCluster),
    minProperties: 1,
    propertyNames: { pattern: '^[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?$' },
  },
  'store.type': oneOf('claim', 'nfs', 's3'),
  'store.claim.existing': objectNameOrNone,
  'store.claim.size': quantity,
  'store.claim.access_modes': listOf(oneOf('ReadWriteOnce', 'ReadWriteMany', 'ReadWriteOncePod'), {
    minItems: 1,
  }),
  'store.nfs.path': matching('^(/.*)?$'),
  'store.s3.bucket': matching('^([A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9])?$'),
  'store.s3.endpoint': matching('^(https?://[^/@ ]+)?$'),
  'store.s3.path_style': oneOf('', true, false),
  'secrets.identity.admin': objectName,
  'secrets.identity.emberkeep': objectName,
  'secrets.oslo_db.emberkeep': objectName,
  'secrets.oslo_db.key': secretKey,
  'secrets.store.s3': objectName,
  'secrets.store.s3_ca': objectNameOrNone,
  'secrets.stores': {
    ...mapOf(closed({ s3: objectName, s3_ca: objectNameOrNone }, ['s3'])),
    // Also the name of a volume.
    propertyNames: { pattern: '^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$' },
  },
  'secrets.master_key.name': objectNameOrNone,
  'secrets.master_key.key': secretKey,
  'secrets.master_key.old_keys': listOf(secretKey),
  'secrets.tls.identity.ca': objectNameOrNone,
  'secrets.tls.instance_backup.api.public': objectName,
  'secrets.oci_image_registry': listOf(objectName),
  'endpoints.cluster_domain_suffix': host,
  'endpoints.identity.hosts.internal': host,
  'endpoints.identity.host_fqdn_override.internal': hostOrNone,
  'endpoints.identity.path.default': matching('^(/.*)?$'),
  'endpoints.identity.scheme.internal': scheme,
  'endpoints.identity.port.api.internal': port,
  'endpoints.instance_backup.host_fqdn_override.public': {
    anyOf: [{ type: 'null' }, host, closed({ host }, ['host'])],
  },
  'endpoints.instance_backup.scheme.public': scheme,
  'endpoints.instance_backup.port.api.default': whole(1024, 65535),
  'endpoints.instance_backup.port.api.public': port,
  'endpoints.instance_backup.port.metrics.default': whole(1024, 65535),
  'endpoints.oslo_db.hosts.default': host,
  'endpoints.oslo_db.host_fqdn_override.default': hostOrNone,
  'endpoints.oslo_db.path': matching('^/[^/?]+([?].*)?$'),
  'endpoints.oslo_db.port.postgresql.default': whole(1024, 65535),
  'postgresql.size': quantity,
  'bootstrap.protect_domains': listOf(matching('^[^ ]+$')),
  'network.api.ingress.annotations': mapOf(text),
  'network.api.gateway.parent_refs': listOf({ type: 'object', required: ['name'] }),
  'network_policy.emberkeep.api_from': peers,
  'network_policy.emberkeep.metrics_from': peers,
  'network_policy.emberkeep.openstack_ports': { ...ports, minItems: 1 },
  'network_policy.emberkeep.ceph_mon_ports': { ...ports, minItems: 1 },
  'network_policy.emberkeep.ceph_osd_ports': listOf(port, { minItems: 2, maxItems: 2 }),
  'network_policy.emberkeep.egress': listOf(closed({ ports: { type: 'array' }, to: { type: 'array' } })),
  'pod.security_context.emberkeep.pod.runAsUser': whole(1),
  'pod.security_context.emberkeep.pod.fsGroup': whole(1),
  'pod.replicas.api': whole(0),
  'pod.replicas.worker': whole(0),
  'pod.autoscaling.api.min_replicas': whole(1),
  'pod.autoscaling.api.max_replicas': whole(1),
  'pod.autoscaling.api.target_cpu_percent': whole(1, 100),
  'pod.topology_spread.when_unsatisfiable': oneOf('', 'ScheduleAnyway', 'DoNotSchedule'),
  'pod.topology_spread.topology_keys': listOf(text),
  'pod.tolerations.emberkeep.tolerations': listOf(
    closed({
      key: text,
      operator: oneOf('Exists', 'Equal'),
      value: text,
      effect: oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
      tolerationSeconds: whole(0),
    }),
  ),
  'pod.lifecycle.upgrades.deployments.revision_history': whole(0),
  'pod.lifecycle.upgrades.deployments.rolling_update.max_unavailable': atOnce,
  'pod.lifecycle.upgrades.deployments.rolling_update.max_surge': atOnce,
  'pod.lifecycle.disruption_budget.api.max_unavailable': atOnce,
  'pod.lifecycle.disruption_budget.worker.max_unavailable': atOnce,
  'pod.probes.startup_seconds': whole(5),
  'pod.probes.period_seconds': whole(1),
  'pod.probes.timeout_seconds': whole(1),
  'pod.resources.api': resources,
  'pod.resources.worker': resources,
  'pod.resources.jobs': resources,
  'pod.resources.postgresql': resources,
  'pod.annotations': mapOf(text),
  'pod.env': mapOf({ type: ['string', 'number', 'boolean'] }),
  'monitoring.prometheus.labels': mapOf(text),
  'monitoring.prometheus.interval': matching('^[0-9]+(ms|s|m|h)$'),
  extraObjects: listOf({ type: ['string', 'object'] }),
};
