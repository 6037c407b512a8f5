import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { comparisonsOf, useReader } from '../../src/cli/report.ts';
import { openDatabase } from '../../src/history/database.ts';
import { DATABASE } from '../../src/history/folder.ts';
import { keptSource } from '../../src/kept-report/report-source.ts';
import { madeReportedRun } from '../../support/document/made.ts';
import { fill, openHistory, START_AT } from '../../support/history/filled.ts';
import { soakd } from '../../support/process.ts';
import { ROOT } from '../../support/root.ts';

const SEED = 'examples/reports/seed.json';
const folder = mkdtempSync(join(tmpdir(), 'soakd-flags-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function report(...args: readonly string[]) {
  const program = soakd(['report', ...args], { cwd: ROOT, env: { SOURCE_DATE_EPOCH: '1796000000' } });
  const { code } = await program.ended(60_000);
  return { code, stdout: program.stdout.text, stderr: program.stderr.text };
}

describe("soakd report of the seed's table", () => {
  const QUESTIONS = ['--users', '6000', '--price-per-hour', '0.1', '--currency', 'EUR'];
  /** What a table cannot have: these need a run. */
  const LEFT_OUT = [
    'data-quality',
    'timeline',
    'events',
    'throughput',
    'bottleneck',
    'secondary-observations',
    'optimisation',
    'comparison',
  ];

  it('has every section that a table can have, and its five contradictions', async () => {
    const { code, stdout, stderr } = await report(SEED, ...QUESTIONS, '--format', 'json');
    assert.equal(code, 0, stderr);
    const { sections } = JSON.parse(stdout) as {
      sections: { id: string; omitted?: string; values?: { claims: { check: { result: string } }[] }[] }[];
    };
    assert.equal(sections.length, 27);
    assert.deepEqual(
      sections.filter((s) => s.omitted !== undefined).map((s) => s.id),
      LEFT_OUT,
    );
    const [{ claims }] = sections.find((s) => s.id === 'contradictions')!.values as [
      { claims: { check: { result: string } }[] },
    ];
    assert.equal(claims.filter(({ check }) => check.result !== 'holds').length, 5);
  });

  it('says the same as a page and as Markdown', async () => {
    const page = join(folder, 'seed.html');
    assert.equal((await report(SEED, ...QUESTIONS, '--out', page)).code, 0);
    const { code, stdout } = await report(SEED, ...QUESTIONS, '--format', 'md');
    assert.equal(code, 0);
    for (const text of [readFileSync(page, 'utf8'), stdout])
      for (const part of [
        'it holds up to 2,000 users',
        'First to give: mean TTFB, near 2,038 users',
        '13 levels add up to 19,600',
        'Django ASGI under Uvicorn, port 8002',
        '438.3 EUR',
      ])
        assert.ok(text.includes(part), part);
  });

  it('ends with 2 and every issue of a table that is wrong', async () => {
    const path = join(folder, 'wrong.json');
    writeFileSync(path, JSON.stringify({ soakdTable: 1, name: 'x', unit: 'people', levels: [{ load: 0 }] }));
    const { code, stderr } = await report(path);
    assert.equal(code, 2);
    assert.match(stderr, /unit: found "people", expected users, or rate/);
    assert.match(stderr, /levels\[0\]\.load: found 0, expected a load/);
  });
});

describe('a Prometheus that a report asks', () => {
  const asked: URLSearchParams[] = [];
  let server: Server;
  let url: string;
  before(async () => {
    server = createServer((request, response) => {
      const query = new URL(request.url!, 'http://x').searchParams;
      asked.push(query);
      const [start, end] = [Number(query.get('start')), Number(query.get('end'))];
      const values = Array.from({ length: 40 }, (_, i) => [start + ((end - start) * i) / 39, '0.5']);
      const data = { resultType: 'matrix', result: [{ metric: {}, values }] };
      response.end(JSON.stringify({ status: 'success', data }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  after(() => server.close());

  const path = join(folder, 'run.json');
  writeFileSync(path, `${JSON.stringify(madeReportedRun().summary)}\n`);
  const LABELS = ['--prometheus-labels', 'instance="a:9100"'];

  it('gives the CPU, memory and network of each level', async () => {
    const { code, stdout, stderr } = await report(path, '--prometheus', url, ...LABELS, '--format', 'json');
    assert.equal(code, 0, stderr);
    const section = JSON.parse(stdout).sections.find(
      ({ id }: { id: string }) => id === 'secondary-observations',
    );
    assert.equal(section.omitted, undefined);
    assert.equal(section.blocks.find(({ kind }: { kind: string }) => kind === 'table').rows.length, 3);
    assert.equal(asked.length, 4);
    assert.ok(asked.every((query) => query.get('query')!.includes('instance="a:9100"')));
  });

  for (const [what, args, code, message] of [
    ['no labels', ['--prometheus', 'http://127.0.0.1:9'], 2, /--prometheus without --prometheus-labels, exp/],
    ['labels alone', LABELS, 2, /found --prometheus-labels without --prometheus/],
    ['a host to allow alone', ['--allow', 'a.example'], 2, /found --allow without --prometheus/],
    [
      'no URL',
      ['--prometheus', 'prometheus:9090', ...LABELS],
      2,
      /found "prometheus:9090", expected the URL/,
    ],
    [
      'a password in its URL',
      ['--prometheus', 'http://a:b@127.0.0.1', ...LABELS],
      2,
      /found a URL with a user or a query/,
    ],
    [
      'labels that are none',
      ['--prometheus', 'http://127.0.0.1:9', '--prometheus-labels', '} or up'],
      2,
      /expected label matchers/,
    ],
    [
      'a wrong entry to allow',
      ['--prometheus', 'http://127.0.0.1:9', ...LABELS, '--allow', '1.2.3.4/99'],
      2,
      /found --allow "1\.2\.3\.4\/99", but the prefix length/,
    ],
    [
      'a host that is not allowed',
      ['--prometheus', 'http://prometheus.invalid:9090', ...LABELS],
      3,
      /prometheus\.invalid.*allow/,
    ],
  ] as const)
    it(`is refused with ${code} for ${what}`, async () => {
      const { code: ended, stderr } = await report(path, ...args);
      assert.equal(ended, code, stderr);
      assert.match(stderr, message);
    });

  it('is refused for a table, which has no times', async () => {
    const { code, stderr } = await report(SEED, '--prometheus', url, ...LABELS);
    assert.equal(code, 2);
    assert.match(stderr, /found --prometheus with tables alone, expected a run/);
  });

  it('leaves the section out, with the reason, where it does not answer', async () => {
    const read = useReader({ prometheus: 'http://127.0.0.1:9', prometheusLabels: 'a="b"' });
    const { use, useReason } = await read(madeReportedRun());
    assert.equal(use, null);
    assert.match(useReason!, /^the Prometheus did not answer: /);
  });
});

it('runs of the history are compared by their windows', async () => {
  const { folder: data, history, remove } = await openHistory();
  try {
    await fill(history, '20261123-aaaa', { windows: 30 });
    await fill(history, '20261123-bbbb', { windows: 30, seed: 2, startedAt: START_AT + 3_600_000 });
    const db = openDatabase(join(data, DATABASE), { readOnly: true });
    const sources = ['20261123-a', '20261123-b', '20261123-a'].map((ref) => keptSource(db, ref));
    const compared = comparisonsOf(sources);
    db.close();
    assert.deepEqual(
      compared.map(({ a, b, method }) => [a.id, b.id, method.kind]),
      [
        ['20261123-aaaa', '20261123-bbbb', 'windows'],
        ['20261123-aaaa', '20261123-aaaa', 'windows'],
      ],
    );
    assert.ok(compared.every(({ refused, a }) => refused !== null || a.windows > 0));
  } finally {
    await remove();
  }
});
