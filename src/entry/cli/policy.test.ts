import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startCli, type CliOutcome, type CliRunOptions } from '../../../test/support/cli-runner.ts';
import { PolicyService } from '../../../test/support/policy-service.ts';

let policies: PolicyService;
before(async () => {
  policies = await PolicyService.open();
});
after(() => policies.close());
beforeEach(() => policies.lab.reset());

function cli(line: string[], options: CliRunOptions = {}): Promise<CliOutcome> {
  return startCli(['policy', ...line], { endpoint: policies.service.url, token: 'admin', ...options }).done;
}

async function ok(line: string[], options: CliRunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await cli(line, options);
  assert.equal(code, 0, `${line.join(' ')}: ${stderr}`);
  return stdout;
}

const create = ['create', 'daily', '--cron', '0 2 * * *', '--time-zone', 'Europe/Berlin', '--forever'];

test('create, show, set, list and delete', async () => {
  await ok([
    ...create,
    '--keep-daily',
    '7',
    '--keep-weekly',
    '4',
    '--publish',
    '--spread',
    '30',
    '--bandwidth',
    '50',
  ]);
  const shown = await ok(['show', 'daily']);
  assert.match(shown, /\| schedule +\| 0 2 \* \* \* Europe\/Berlin/);
  assert.match(shown, /\| retention +\| daily 7, weekly 4/);
  assert.match(shown, /\| bandwidth_mib +\| 50 MiB\/s/);
  assert.match(shown, /\| cycle +\| one full for ever/);
  await ok(['set', 'daily', '--window', '22:00-06:00', '--keep-last', '3', '--disable', '--bandwidth', '0']);
  const fields = JSON.parse(await ok(['show', 'daily', '-f', 'json'])) as Record<string, unknown>;
  assert.deepEqual(fields['window'], {
    start: '22:00',
    end: '06:00',
    time_zone: 'Europe/Berlin',
    at_end: 'finish',
  });
  await ok(['set', 'daily', '--window-end', 'cancel']);
  assert.match(await ok(['show', 'daily']), /\| window +\| 22:00-06:00 Europe\/Berlin, ends what runs/);
  assert.deepEqual(fields['retention'], { keep: { last: 3 }, strategy: 'fold' });
  assert.equal(fields['enabled'], false);
  assert.equal(fields['spread_minutes'], 30);
  assert.equal(fields['bandwidth_mib'], null);
  await ok([
    'set',
    'daily',
    '--time-zone',
    'UTC',
    '--any-time',
    '--keep-all',
    '--cycle-days',
    '3',
    '--enable',
  ]);
  assert.equal(
    await ok(['list', '-f', 'csv', '--column', 'Name', '-c', 'Schedule', '-c', 'Keeps', '-c', 'Enabled']),
    'Name,Schedule,Keeps,Enabled\ndaily,"{""cron"":""0 2 * * *"",""time_zone"":""UTC""}",,true\n',
  );
  const asked = await cli(['delete', 'daily']);
  assert.equal(asked.code, 2);
  await ok(['delete', 'daily', '--yes']);
  assert.equal((await cli(['show', 'daily'])).code, 5);
});

test('assign, assignments, sources and unassign, as the owner of an instance', async () => {
  policies.lab.addInstance('web-01');
  await ok([...create, '--publish']);
  const token = 'member';
  await ok(['assign', 'daily', '--instance', 'web-01'], { token });
  await ok(['assign', 'daily', '--metadata', 'backup=a=b'], { token });
  assert.match(await ok(['assignments', 'daily'], { token }), /metadata backup=a=b/);
  await policies.lab.tick();
  assert.equal(
    await ok(['sources', 'daily', '-f', 'value', '-c', 'Name', '-c', 'Next Run'], { token }),
    'web-01 2026-11-23T01:00:00.000Z\n',
  );
  assert.match(await ok(['sources', 'daily'], { token }), /never/);
  await ok(['unassign', 'daily', '--instance', 'web-01'], { token });
  await ok(['unassign', 'daily', '--metadata', 'backup=a=b'], { token });
  assert.equal(await ok(['assignments', 'daily', '-f', 'value'], { token }), '');
  assert.equal((await cli(['unassign', 'daily', '--tag', 'x'], { token })).code, 5);
  assert.equal((await cli(['assign', 'daily', '--instance', 'db-01'], { token })).code, 5);
});

test('simulate is a table of days', async () => {
  await ok(['create', 'often', '--every', '12h', '--cycle-days', '3', '--keep-cycles', '1']);
  const table = await ok(['simulate', 'often', '--days', '8', '--from', '2026-11-22']);
  assert.match(table, /\| Date +\| Taken \| Points \| Fulls \| Increments \| Deleted +\| Oldest/);
  const csv = await ok([
    'simulate',
    'often',
    '--days',
    '8',
    '--from',
    '2026-11-22',
    '-f',
    'csv',
    '-c',
    'Points',
  ]);
  assert.deepEqual(csv.trim().split('\n').slice(1).map(Number).length, 8);
});

test('refuses what contradicts itself before it asks the service', async () => {
  await ok(create);
  for (const [line, code] of [
    ['create x --every 1h --cron "* * * * *"', 'INPUT_CONFLICT'],
    ['create x', 'INPUT_MISSING'],
    ['create x --every 1h --forever --cycle-days 3', 'INPUT_CONFLICT'],
    ['create x --every 1h --keep-last 1 --keep-cycles 3', 'INPUT_CONFLICT'],
    ['create x --every 1h --window 22:00', 'INPUT_TIME'],
    ['create x --every 1h --window-end cancel', 'INPUT_CONFLICT'],
    ['create x --every 1h --spread -1', 'INPUT_USAGE|INPUT_NUMBER'],
    ['create x --every 1h --publish --unpublish', 'INPUT_CONFLICT'],
    ['set daily --strategy chains', 'INPUT_MISSING'],
    ['assign daily', 'INPUT_MISSING'],
    ['assign daily --metadata x', 'INPUT_NAME'],
  ] as const) {
    const outcome = await cli(line.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', '')) ?? []);
    assert.match(outcome.stderr, new RegExp(code), line);
    assert.equal(outcome.code, 2, line);
  }
});

test('--help has examples', async () => {
  for (const command of [
    'list',
    'show',
    'create',
    'set',
    'delete',
    'assign',
    'unassign',
    'sources',
    'simulate',
  ])
    assert.match(await ok([command, '--help']), /Examples:\n {2}emberkeep policy /, command);
});
