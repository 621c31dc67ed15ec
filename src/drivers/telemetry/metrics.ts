/** The one place that knows prom-client: names, labels and types of every metric. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { finalJobStates, jobKinds } from '../../domain/job.ts';

export interface JobEnd {
  kind: string;
  state: string;
  seconds: number;
}

/** What is the same whichever replica is asked, as it is now. */
export interface ServiceState {
  policies: { policy: string; sources: number; missed: number; oldestTakenAt: Date | undefined }[];
  sources: {
    policy: string;
    kind: string;
    sourceId: string;
    projectId: string;
    newestTakenAt: Date | undefined;
  }[];
  jobs: { kind: string; state: string; jobs: number; oldestCreatedAt: Date }[];
  damagedPoints: number;
  verifications: { level: string; at: Date }[];
  /** A name is undefined when no configuration names the store any more. */
  stores: { storeId: string; name: string | undefined; links: number; storedBytes: number }[];
  /** Whether this replica reaches its stores, by their names. */
  storesThere: ReadonlyMap<string, boolean>;
  /** Of those of them that can be asked. */
  storeSpace: StoreSpace[];
}

export interface StoreSpace {
  storeId: string;
  totalBytes: number;
  freeBytes: number;
}

export interface Metrics {
  contentType: string;
  /** Prometheus' text format. Never rejects: without the database it says so, and shows the rest. */
  render: () => Promise<string>;
  jobEnded: (end: JobEnd) => void;
  /** What a backup read from its sources and what of it the store keeps. */
  backedUp: (bytes: { read: number; stored: number }) => void;
  transferred: (direction: 'export' | 'import', pool: string, bytes: number) => void;
  /** What there is to scrape, in the order in which it is shown: our own metrics and those of the process. */
  definitions: () => MetricDefinition[];
}

export interface MetricDefinition {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  labelNames: readonly string[];
}

export interface MetricsOptions {
  version: string;
  role: string;
  /** Rejects when the database does not answer. */
  state: () => Promise<ServiceState>;
}

/** From a second to a day. */
const jobBuckets = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200, 86_400];

export function createMetrics({ version, role, state }: MetricsOptions): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'emberkeep_build_info',
    help: 'The release and the role of this process.',
    labelNames: ['version', 'role'],
    registers,
  }).set({ version, role }, 1);
  const catalogUp = new Gauge({
    name: 'emberkeep_catalog_up',
    help: '1 when the database answered this scrape; what is read from it is left out otherwise.',
    registers,
  });
  const show = stateGauges(registers);
  const ended = new Counter({
    name: 'emberkeep_jobs_ended_total',
    help: 'Jobs that ended on this worker.',
    labelNames: ['kind', 'state'],
    registers,
  });
  // A counter that is first seen at 1 has not increased for Prometheus: the first failure would alert nobody.
  for (const kind of jobKinds) for (const outcome of finalJobStates) ended.inc({ kind, state: outcome }, 0);
  const duration = new Histogram({
    name: 'emberkeep_job_duration_seconds',
    help: 'From the start of a job, its first attempt, to its end on this worker.',
    labelNames: ['kind'],
    buckets: jobBuckets,
    registers,
  });
  const read = new Counter({
    name: 'emberkeep_backup_read_bytes_total',
    help: 'Bytes of data that successful backups of this worker read.',
    registers,
  });
  const stored = new Counter({
    name: 'emberkeep_backup_stored_bytes_total',
    help: 'Bytes that successful backups of this worker put into the store.',
    registers,
  });
  const transferred = new Counter({
    name: 'emberkeep_transfer_bytes_total',
    help: 'Bytes of the diff streams that this worker read from exports and fed into imports.',
    labelNames: ['direction', 'pool'],
    registers,
  });
  return {
    contentType: registry.contentType,
    render: async () => {
      const now = await state().catch(() => undefined);
      catalogUp.set(now === undefined ? 0 : 1);
      show(now);
      return await registry.metrics();
    },
    jobEnded: ({ kind, state: outcome, seconds }) => {
      ended.inc({ kind, state: outcome });
      duration.observe({ kind }, seconds);
    },
    backedUp: (bytes) => {
      read.inc(bytes.read);
      stored.inc(bytes.stored);
    },
    transferred: (direction, pool, bytes) => transferred.inc({ direction, pool }, bytes),
    definitions: () => registry.getMetricsAsArray().map(definitionOf),
  };
}

/** A metric itself says neither its type nor its labels in prom-client's types, though it holds the labels. */
function definitionOf(metric: ReturnType<Registry['getMetricsAsArray']>[number]): MetricDefinition {
  const { name, help } = metric;
  const { labelNames = [] } = metric as { labelNames?: readonly string[] };
  const type = metric instanceof Counter ? 'counter' : metric instanceof Histogram ? 'histogram' : 'gauge';
  return { name, help, type, labelNames };
}

/** Each shows the state of this instant and nothing of the last one. */
function stateGauges(registers: Registry[]): (state: ServiceState | undefined) => void {
  const gauge: MakeGauge = (name, help, labelNames) => new Gauge({ name, help, labelNames, registers });
  const policySources = gauge(
    'emberkeep_policy_sources',
    'Sources that a policy protects and that are there.',
    ['policy'],
  );
  const missed = gauge(
    'emberkeep_policy_missed_sources',
    'Of these, sources without a good point since the last run that must have brought one.',
    ['policy'],
  );
  const oldest = gauge(
    'emberkeep_policy_oldest_point_timestamp_seconds',
    'The oldest of the newest good points of its sources.',
    ['policy'],
  );
  const sourceNewest = gauge(
    'emberkeep_source_newest_point_timestamp_seconds',
    'Newest good point of a source, 0 without any; only for the sources where it is oldest (monitoring.sources).',
    ['policy', 'kind', 'source_id', 'project_id'],
  );
  const jobs = gauge('emberkeep_jobs', 'Jobs that wait (queued) or run.', ['kind', 'state']);
  const oldestJob = gauge(
    'emberkeep_oldest_job_timestamp_seconds',
    'When the oldest of these was asked for.',
    ['kind', 'state'],
  );
  const damaged = gauge('emberkeep_damaged_points', 'Points that cannot be restored from.', []);
  const verified = gauge('emberkeep_last_verification_timestamp_seconds', 'Newest verification of a point.', [
    'level',
  ]);
  const storeBytes = gauge('emberkeep_store_bytes', 'Bytes of the segments and indexes of all links.', [
    'store',
    'name',
  ]);
  const storeLinks = gauge('emberkeep_store_links', 'Links in a store.', ['store', 'name']);
  const storeUp = gauge('emberkeep_store_up', '1 when this replica reaches the store.', ['name']);
  const showSpace = spaceGauges(gauge);
  const all = [
    policySources,
    missed,
    oldest,
    sourceNewest,
    jobs,
    oldestJob,
    verified,
    storeBytes,
    storeLinks,
    storeUp,
  ];
  return (state) => {
    for (const each of all) each.reset();
    showSpace([]);
    damaged.remove();
    if (state === undefined) return;
    for (const { policy, ...of } of state.policies) {
      policySources.set({ policy }, of.sources);
      missed.set({ policy }, of.missed);
      if (of.oldestTakenAt !== undefined) oldest.set({ policy }, secondsOf(of.oldestTakenAt));
    }
    for (const { policy, kind, sourceId, projectId, newestTakenAt } of state.sources) {
      const labels = { policy, kind, source_id: sourceId, project_id: projectId };
      sourceNewest.set(labels, newestTakenAt === undefined ? 0 : secondsOf(newestTakenAt));
    }
    for (const { kind, state: at, jobs: count, oldestCreatedAt } of state.jobs) {
      jobs.set({ kind, state: at }, count);
      oldestJob.set({ kind, state: at }, secondsOf(oldestCreatedAt));
    }
    damaged.set(state.damagedPoints);
    for (const { level, at } of state.verifications) verified.set({ level }, secondsOf(at));
    for (const { storeId: store, name = '', links, storedBytes } of state.stores) {
      storeBytes.set({ store, name }, storedBytes);
      storeLinks.set({ store, name }, links);
    }
    for (const [name, isThere] of state.storesThere) storeUp.set({ name }, isThere ? 1 : 0);
    showSpace(state.storeSpace);
  };
}

type MakeGauge = <Label extends string>(name: string, help: string, labelNames: Label[]) => Gauge<Label>;

function spaceGauges(gauge: MakeGauge): (spaces: readonly StoreSpace[]) => void {
  const free = gauge('emberkeep_store_free_bytes', 'What is free where the store is, for a directory.', [
    'store',
  ]);
  const total = gauge('emberkeep_store_total_bytes', 'How large it is there, for a directory.', ['store']);
  return (spaces) => {
    for (const each of [free, total]) each.reset();
    for (const { storeId: store, freeBytes, totalBytes } of spaces) {
      free.set({ store }, freeBytes);
      total.set({ store }, totalBytes);
    }
  };
}

function secondsOf(at: Date): number {
  return at.getTime() / 1000;
}
