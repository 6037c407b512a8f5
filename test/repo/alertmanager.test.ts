import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { alertmanagerText, DEFAULT_URLS } from '../../src/gen/alertmanager.ts';
import { needs } from '../../support/needs.ts';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { type Running, start } from '../../support/process.ts';
import { said } from '../../support/promtool.ts';
import { ROOT } from '../../support/root.ts';

const FILES = ['prometheus/alertmanager.yml', 'prometheus/alertmanager.examples.yml'];
const JOB = { job: 'soak' };
const chat = { ...JOB, target: 'chat' };

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** The block of a key, with the comments in it. */
const blockOf = (key: string, text: string): string | undefined =>
  new RegExp(`^${key}:\\n(?:(?: .*)?\\n)*`, 'm').exec(text)?.[0].trim();

describe('the committed configurations of Alertmanager', () => {
  it('inhibit the same alerts', () => {
    const blocks = [...FILES, 'docker/alertmanager.yml'].map((file) => blockOf('inhibit_rules', read(file)));
    assert.match(blocks[0]!, /SoakDown/);
    assert.deepEqual(new Set(blocks).size, 1);
  });

  it('have the same routes', () => {
    const [own, example] = FILES.map((file) => blockOf('route', read(file))!);
    const critical = /(severity="critical"'\]\n +receiver: )slack/;
    assert.equal(
      example!.replace(critical, '$1alerts').replaceAll('receiver: email', 'receiver: alerts'),
      own,
    );
  });

  it('export with other URLs', () => {
    const [webhook, watchdog] = ['http://a.example/$&', 'http://b.example/'];
    const own = read('prometheus/alertmanager.yml');
    assert.equal(alertmanagerText(DEFAULT_URLS), own);
    const exported = alertmanagerText({ webhook, watchdog });
    assert.deepEqual(
      [...exported.matchAll(/url: "(.*)"/g)].map((m) => m[1]),
      [webhook, watchdog],
    );
  });
});

describe('the configuration of Alertmanager', { skip: needs('amtool') }, () => {
  for (const file of FILES) {
    it(`${file} is one`, () => {
      const { status, text } = said('amtool', ['check-config', file], ROOT);
      assert.equal(status, 0, text);
    });
  }

  const ROUTES: readonly [labels: Readonly<Record<string, string>>, usual: string, example: string][] = [
    [{ alertname: 'Watchdog', severity: 'none' }, 'watchdog', 'watchdog'],
    [{ alertname: 'SoakDown', severity: 'critical', ...JOB }, 'alerts', 'slack'],
    [{ alertname: 'SoakSuccessRateLow', severity: 'critical', ...chat }, 'alerts', 'slack'],
    [{ alertname: 'SoakSuccessRateLow', severity: 'warning', ...chat }, 'alerts', 'email'],
    [{ alertname: 'SoakConcurrencyHigh', severity: 'info', ...chat }, 'alerts', 'email'],
    [{ alertname: 'Other', severity: 'warning' }, 'alerts', 'email'],
    [{ alertname: 'Other' }, 'alerts', 'email'],
  ];
  for (const [labels, ...receivers] of ROUTES) {
    it(`sends ${labels.alertname} ${labels.severity ?? ''} to ${receivers.join(' or ')}`, () => {
      FILES.forEach((file, i) => {
        const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
        const args = [
          'config',
          'routes',
          'test',
          `--config.file=${file}`,
          `--verify.receivers=${receivers[i]}`,
        ];
        const { status, text } = said('amtool', [...args, ...pairs], ROOT);
        assert.equal(status, 0, text);
      });
    });
  }
});

/** The real one: amtool knows routes, and nothing of inhibition. */
describe('Alertmanager with this configuration', { skip: needs('alertmanager') }, () => {
  const received: { path: string; alertnames: string[] }[] = [];
  const webhook = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const { alerts } = JSON.parse(body) as { alerts: { labels: { alertname: string } }[] };
      received.push({ path: request.url!, alertnames: alerts.map((a) => a.labels.alertname) });
      response.end();
    });
  });
  const folder = mkdtempSync(join(tmpdir(), 'soakd-alertmanager-'));
  let program: Running;
  let url: string;

  before(async () => {
    await new Promise<void>((done) => webhook.listen(0, '127.0.0.1', done));
    const to = `http://127.0.0.1:${(webhook.address() as { port: number }).port}`;
    const text = alertmanagerText({ webhook: `${to}/alerts`, watchdog: `${to}/watchdog` });
    writeFileSync(join(folder, 'alertmanager.yml'), text);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    program = start('prometheus-alertmanager', [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      '--log.level=warn',
    ]);
    await poll('Alertmanager', async () => (await fetch(`${url}/-/ready`)).ok || undefined);
  });
  after(async () => {
    await program.stop();
    webhook.closeAllConnections();
    webhook.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /**
   * @param n of the case: its jobs are its own, so that it meets no alerts of another one
   * @returns what of the alerts nothing inhibits
   */
  async function heard(alerts: readonly Readonly<Record<string, string>>[], n: number): Promise<string[]> {
    // The last of them is known when its warning is inhibited: then all are.
    const last = { alertname: 'Last', ...JOB };
    const all = [{ ...last, severity: 'warning' }, ...alerts, { ...last, severity: 'critical' }];
    const body = all.map((labels: Readonly<Record<string, string>>) => ({
      labels: { ...labels, ...('job' in labels ? { job: `soak-${n}` } : {}), case: String(n) },
    }));
    const posted = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(posted.status, 200, await posted.text());
    const listed = await poll('alerts', async () => {
      const response = await fetch(`${url}/api/v2/alerts?filter=case%3D%22${n}%22`);
      const list = (await response.json()) as {
        labels: Record<string, string>;
        status: { inhibitedBy: string[] };
      }[];
      const known = list.some(
        ({ labels, status }) => labels.alertname === 'Last' && status.inhibitedBy.length > 0,
      );
      return known ? list : undefined;
    });
    assert.equal(listed.length, all.length);
    const free = listed
      .filter(({ labels, status }) => labels.alertname !== 'Last' && status.inhibitedBy.length === 0)
      .map(({ labels }) => labels);
    const shown = ({ alertname, severity, target, instance, window }: Readonly<Record<string, string>>) =>
      [alertname, severity, target, instance, window].filter(Boolean).join(' ');
    return free.map(shown).sort();
  }

  const low = (severity: string, target = 'chat') => ({
    alertname: 'SoakSuccessRateLow',
    severity,
    ...JOB,
    target,
  });
  const TABLE: readonly [what: string, alerts: Readonly<Record<string, string>>[], heard: string[]][] = [
    [
      'the critical one of a target inhibits its warning, not that of another target',
      [low('critical'), low('warning'), low('warning', 'other')],
      ['SoakSuccessRateLow critical chat', 'SoakSuccessRateLow warning other'],
    ],
    [
      'and not another alert of the same target',
      [low('critical'), { alertname: 'SoakTTFBHigh', severity: 'warning', ...chat }],
      ['SoakSuccessRateLow critical chat', 'SoakTTFBHigh warning chat'],
    ],
    [
      'of three only the worst is heard',
      ['info', 'warning', 'critical'].map((severity) => ({
        alertname: 'SoakConcurrencyHigh',
        severity,
        ...chat,
      })),
      ['SoakConcurrencyHigh critical chat'],
    ],
    [
      'a warning inhibits the info',
      ['info', 'warning'].map((severity) => ({ alertname: 'SoakConcurrencyHigh', severity, ...chat })),
      ['SoakConcurrencyHigh warning chat'],
    ],
    [
      'windows of the error budget are one alert',
      [
        { alertname: 'SoakErrorBudgetBurn', severity: 'critical', window: '1h', ...chat },
        { alertname: 'SoakErrorBudgetBurn', severity: 'warning', window: '3d', ...chat },
      ],
      ['SoakErrorBudgetBurn critical chat 1h'],
    ],
    [
      'low success inhibits the missed objective of its target alone',
      [
        low('warning'),
        { alertname: 'SoakSuccessBelowObjective', severity: 'info', ...chat },
        { alertname: 'SoakSuccessBelowObjective', severity: 'info', ...JOB, target: 'other' },
      ],
      ['SoakSuccessBelowObjective info other', 'SoakSuccessRateLow warning chat'],
    ],
    [
      'an instance that is down inhibits what it says itself, and nothing else',
      [
        { alertname: 'SoakDown', severity: 'critical', ...JOB, instance: 'a' },
        { alertname: 'SoakProcessCpuHigh', severity: 'warning', ...JOB, instance: 'a' },
        { alertname: 'SoakProcessCpuHigh', severity: 'warning', ...JOB, instance: 'b' },
        low('warning'),
      ],
      ['SoakDown critical a', 'SoakProcessCpuHigh warning b', 'SoakSuccessRateLow warning chat'],
    ],
    [
      'two that are down are both heard',
      ['a', 'b'].map((instance) => ({ alertname: 'SoakDown', severity: 'critical', ...JOB, instance })),
      ['SoakDown critical a', 'SoakDown critical b'],
    ],
    [
      'with no instance left what is still said of targets is inhibited',
      [{ alertname: 'SoakDown', severity: 'critical', ...JOB }, low('warning')],
      ['SoakDown critical'],
    ],
    [
      'alerts of others, without a job, are left alone',
      [
        { alertname: 'SoakDown', severity: 'critical', ...JOB },
        { alertname: 'Backup', severity: 'critical' },
        { alertname: 'Backup', severity: 'warning' },
        { alertname: 'Watchdog', severity: 'none' },
      ],
      ['Backup critical', 'Backup warning', 'SoakDown critical', 'Watchdog none'],
    ],
  ];
  TABLE.forEach(([what, alerts, expected], n) => {
    it(what, async () => assert.deepEqual(await heard(alerts, n), [...expected].sort()));
  });

  it('posts the Watchdog to its own receiver at once', async () => {
    const alert = { labels: { alertname: 'Watchdog', severity: 'none' } };
    await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([alert]),
    });
    const first = await poll('Watchdog', async () => received.find(({ path }) => path === '/watchdog'));
    assert.deepEqual(first.alertnames, ['Watchdog']);
  });
});
