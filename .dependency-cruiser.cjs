// The import rules of docs/design/overview.md, as code. One row per tier: the tiers it may import;
// `types` may be imported as types only.
const tiers = {
  base: { values: [] },
  domain: { values: ['base'] },
  drivers: { values: ['base', 'domain'] },
  workflows: { values: ['base', 'domain'], types: ['drivers'] },
  entry: { values: ['base', 'domain', 'workflows'], types: ['drivers'] },
};

// One file or folder per dangerous package.
const doors = {
  subprocesses: {
    packages: '^(node:)?child_process$|node_modules/execa/',
    door: '^src/drivers/ceph/command[.]ts$|^src/drivers/catalog/server/',
  },
  sql: { packages: 'node_modules/(knex|pg|pg-boss)/', door: '^src/drivers/(catalog|queue)/' },
  openstack: { packages: 'node_modules/axios/', door: '^src/drivers/openstack/' },
  s3: { packages: 'node_modules/@(aws-sdk|smithy)/', door: '^src/drivers/store/s3-' },
};

const test = '[.]test[.]ts$';
const under = (names) => names.map((name) => `^src/${name}/`);
const forbid = (name, from, to) => ({ name, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-circular', {}, { circular: true }),
    forbid('src-knows-no-tests', { path: '^src/', pathNot: test }, { path: `^test/|${test}` }),
    ...Object.entries(tiers).flatMap(([tier, { values, types = [] }]) => [
      forbid(
        `${tier}-imports-down-only`,
        { path: `^src/${tier}/`, pathNot: test },
        { path: '^src/', pathNot: under([tier, ...values, ...types]) },
      ),
      ...types.map((type) =>
        forbid(
          `${tier}-sees-only-types-of-${type}`,
          { path: `^src/${tier}/`, pathNot: test },
          { path: `^src/${type}/`, dependencyTypesNot: ['type-only'] },
        ),
      ),
    ]),
    ...['drivers', 'workflows', 'entry'].map((tier) =>
      forbid(
        `${tier}-are-strangers`,
        { path: `^src/${tier}/([^/]+)/`, pathNot: test },
        { path: `^src/${tier}/([^/]+)/`, pathNot: `^src/${tier}/$1/` },
      ),
    ),
    ...Object.entries(doors).map(([name, { packages, door }]) =>
      forbid(`one-door-to-${name}`, { path: '^src/', pathNot: [test, door] }, { path: packages }),
    ),
    // The portal knows the service by the types that are generated from its OpenAPI document, and by nothing else.
    forbid(
      'portal-stands-alone',
      { path: '^src/portal/' },
      { path: '^(src|test)/', pathNot: '^src/portal/' },
    ),
    forbid(
      'nothing-imports-the-portal',
      { path: '^src/', pathNot: '^src/portal/' },
      { path: '^src/portal/' },
    ),
    forbid(
      'domain-is-pure',
      { path: '^src/(domain|base)/', pathNot: test },
      // Schedules are read by a library that only computes.
      { dependencyTypes: ['core', 'npm'], pathNot: '^(node:)?(crypto|buffer)$|node_modules/cron-parser/' },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
