import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SEED_LEVELS, SIMULATOR_PRESETS } from '../../src/catalog/presets.ts';
import { loadConfig, parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/core/scenario.ts';
import type { SimulatorOptions } from '../../src/core/simulator.ts';
import type { Target, Timeouts } from '../../src/core/target.ts';

const DIR = join(import.meta.dirname, 'good');
const load = (file: string): Config => loadConfig(join(DIR, file), { checkSecrets: false });

/** Scenarios have no prototype, which a strict comparison would notice. */
const plain = (config: Config): unknown => ({ ...config, scenarios: { ...config.scenarios } });

const TIMEOUTS: Timeouts = {
  connectMs: 10_000,
  ttfbMs: 30_000,
  idleMs: 30_000,
  totalMs: 300_000,
  lingerMs: 1000,
};
const NO_MINIMUM = { minChunks: 0, minBytes: 0, minCharacters: 0 };

const TARGET: Omit<Target, 'name' | 'endpoint'> = {
  method: 'GET',
  headers: {},
  prompts: [],
  format: 'sse',
  expect: NO_MINIMUM,
  timeouts: TIMEOUTS,
  connection: 'reuse',
  labels: {},
  thresholds: [],
};

describe('a good configuration', () => {
  it('may be minimal: every default is filled in', () => {
    assert.deepEqual(plain(load('minimal.yaml')), {
      serve: { host: '127.0.0.1', port: 9876, tokens: [], metrics: 'open' },
      workers: 'auto',
      maxMeasurementLagMs: 25,
      history: { maxAgeMs: 34_560_000_000, maxBytes: 2_147_483_648, maxGapMs: 600_000 },
      targets: [{ ...TARGET, name: 'local', endpoint: { kind: 'url', url: 'http://127.0.0.1:8002/stream' } }],
      scenarios: {
        one: {
          name: 'one',
          model: { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 0 } },
          targets: [{ name: 'local', weight: 1 }],
          stages: [{ shape: 'hold', level: 1, durationMs: 60_000 }],
          warmUpMs: 0,
          seed: 1,
        },
      },
      schedules: [],
      thresholds: [],
      allow: [],
      limits: { maxUsers: 10_000, maxRate: 5000, maxDurationMs: 30 * 86_400_000 },
    });
  });

  it('may use every key', () => {
    const config = load('full.yaml');
    const labels = { rack: '', region: '' };
    const expected: readonly Target[] = [
      {
        name: 'assistant',
        endpoint: { kind: 'url', url: 'https://llm.example.com/v1/chat/completions?tier=1' },
        method: 'PUT',
        headers: {
          authorization: ['Bearer ', { env: 'API_KEY' }],
          'x-price': [`5 \${not a reference}`],
          'content-type': ['application/json'],
        },
        body: {
          text: [
            '{"model":"gpt","stream":true,"messages":[{"role":"user","content":"{{prompt}} \\"',
            { file: join(DIR, 'secrets/suffix.txt') },
            '\\""}]}',
          ],
          json: true,
        },
        prompts: ['Why is the sky blue?', 'What is soap?'],
        format: 'openai-chat',
        expect: { minChunks: 10, minBytes: 1024, minCharacters: 5, contentType: 'text/event-stream' },
        timeouts: {
          connectMs: 5000,
          ttfbMs: 60_000,
          idleMs: 60_000,
          stallMs: 10_000,
          totalMs: 600_000,
          lingerMs: 0,
        },
        tls: { caFile: join(DIR, 'ca.pem') },
        keepTailBytes: 1024,
        connection: 'fresh',
        labels: { rack: '', region: 'eu' },
        thresholds: [
          { id: 'success-rate', limit: 0.999 },
          { id: 'ttfb-p95', limit: 1200 },
        ],
      },
      {
        ...TARGET,
        name: 'events',
        endpoint: { kind: 'url', url: 'http://sub.internal.example:8080/' },
        method: 'POST',
        body: { text: ['{"prompt": "{{prompt}}"}'], json: true },
        prompts: ['one', 'two'],
        terminal: { kind: 'path', path: 'choices.0.finish_reason', equals: 'stop' },
        expect: { minChunks: 10, minBytes: 1024, minCharacters: 0 },
        labels: { rack: 'r1', region: '' },
      },
      {
        ...TARGET,
        name: 'plain',
        endpoint: { kind: 'url', url: 'http://10.1.2.3/' },
        method: 'POST',
        headers: { 'content-type': ['text/plain; charset=utf-8'] },
        body: { text: ['hello ', { env: 'API_KEY' }], json: false },
        format: 'raw',
        terminal: { kind: 'data', data: 'END' },
        labels,
      },
      {
        ...TARGET,
        name: 'simulator',
        endpoint: {
          kind: 'simulator',
          options: {
            seed: 7,
            format: 'sse',
            ttfbMs: { kind: 'lognormal', mean: 1000, stddev: 200 },
            gapMs: { kind: 'empirical', values: [10, 20] },
            chunks: { kind: 'fixed', value: 40 },
            characters: { kind: 'normal', mean: 4, stddev: 1.5 },
            faults: { http503: 0.01, inbandError: 0.005, truncate: 0.01, reset: 0, stall: 0.001 },
          },
        },
        terminal: { kind: 'data', data: '[DONE]' },
        labels,
      },
      {
        ...TARGET,
        name: 'chat',
        endpoint: {
          kind: 'simulator',
          options: { ...SIMULATOR_PRESETS.seed, format: 'openai-chat' },
        },
        format: 'openai-chat',
        labels,
      },
    ];
    assert.deepEqual(config.targets, expected);
    assert.deepEqual(
      { ...(plain(config) as Config), targets: undefined },
      {
        serve: {
          host: '0.0.0.0',
          port: 8080,
          start: 'demo',
          tokens: [
            { name: 'prometheus', role: 'read', token: [{ file: join(DIR, 'secrets/prometheus.txt') }] },
            { name: 'deploy', role: 'operate', token: [{ env: 'DEPLOY_TOKEN' }] },
          ],
          metrics: 'open',
          metricsListener: { port: 8081, host: '127.0.0.2' },
        },
        workers: 4,
        maxMeasurementLagMs: 40,
        targets: undefined,
        scenarios: {
          demo: {
            name: 'demo',
            model: { kind: 'closed', thinkTimeMs: { kind: 'uniform', from: 500, to: 2000 } },
            targets: [{ name: 'simulator', weight: 1 }],
            stages: [
              { shape: 'hold', level: 50, durationMs: 600_000 },
              { shape: 'ramp', from: 0, to: 500, durationMs: 300_000 },
              { shape: 'steps', levels: [100, 250, 500], durationMs: 180_000 },
              { shape: 'spike', base: 100, peak: 1000, atMs: 60_000, widthMs: 30_000, durationMs: 300_000 },
              { shape: 'sine', min: 100, max: 300, periodMs: 60_000, durationMs: 600_000 },
              {
                shape: 'steps',
                levels: [100, 250, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250, 2500, 2750, 3000],
                durationMs: 780_000,
              },
            ],
            warmUpMs: 0,
            seed: 42,
          },
          arriving: {
            name: 'arriving',
            model: { kind: 'open', arrivals: 'constant', maxUsers: 200 },
            targets: [
              { name: 'assistant', weight: 3 },
              { name: 'events', weight: 1 },
            ],
            stages: [
              { shape: 'hold', level: 2.5, durationMs: 60_000 },
              { shape: 'ramp', from: 0, to: 10, durationMs: 5_400_000 },
            ],
            warmUpMs: 0,
            seed: 1,
            budget: { streams: 1000, outputTokens: 50_000, cost: 2.5, prices: { input: 0.5, output: 1.5 } },
          },
          compared: {
            name: 'compared',
            model: { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 0 } },
            targets: [
              { name: 'events', weight: 1 },
              { name: 'simulator', weight: 1 },
            ],
            stages: [
              { shape: 'hold', level: 5, durationMs: 60_000, target: 'events' },
              { shape: 'hold', level: 10, durationMs: 120_000, target: 'events' },
              { shape: 'hold', level: 0, durationMs: 45_000, target: 'events' },
              { shape: 'hold', level: 5, durationMs: 60_000, target: 'simulator' },
              { shape: 'hold', level: 10, durationMs: 120_000, target: 'simulator' },
            ],
            sequence: { pauseMs: 45_000 },
            warmUpMs: 10_000,
            seed: 1,
          },
          'arriving-anyhow': {
            name: 'arriving-anyhow',
            model: { kind: 'open', arrivals: 'poisson', maxUsers: 5 },
            targets: [{ name: 'plain', weight: 1 }],
            stages: [{ shape: 'hold', level: 0.1, durationMs: 30_000 }],
            warmUpMs: 0,
            seed: 1,
          },
        },
        schedules: [
          {
            name: 'nightly',
            scenario: 'demo',
            cron: '0 2 * * mon-fri',
            timezone: 'Europe/Berlin',
            missed: 'once',
          },
          { name: 'often', scenario: 'arriving', cron: '*/15 * * * *', timezone: 'UTC', missed: 'skip' },
        ],
        thresholds: [
          { id: 'success-rate', limit: 0.98 },
          { id: 'ttfb-p95', limit: 2500 },
        ],
        allow: ['llm.example.com', '.internal.example', '10.0.0.0/8'],
        history: { maxAgeMs: 90 * 86_400_000, maxBytes: 500 * 1024 ** 2, maxGapMs: 300_000 },
        limits: { maxUsers: 3000, maxRate: 100, maxDurationMs: 2 * 86_400_000 },
      },
    );
  });

  it('is frozen all the way down, and leaves the catalog as it was', () => {
    const walk = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      assert.ok(Object.isFrozen(value), `${path} is not frozen`);
      for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`);
    };
    walk(load('full.yaml'), 'config');
    walk(load('minimal.yaml'), 'config');
    assert.ok(!Object.isFrozen(SEED_LEVELS));
    assert.ok(!Object.isFrozen(SIMULATOR_PRESETS.seed.gapMs));
  });

  it('finds no scenario by the name of something that every object has', () => {
    assert.equal(load('minimal.yaml').scenarios.constructor, undefined);
  });
});

/** A target of the given lines, in a configuration that is otherwise right. */
function target(...lines: string[]): Target {
  const text = [
    'targets:',
    '  - name: a',
    ...lines.map((l) => `    ${l}`),
    'scenarios: { s: { target: a, stages: [{ users: 1, for: 1s }] } }',
  ].join('\n');
  return parseConfig(text, { file: 'x.yaml', baseDir: DIR }).targets[0]!;
}

const LOCAL = 'url: http://127.0.0.1/';

describe('a target', () => {
  for (const [written, expected] of [
    ['"[DONE]"', { kind: 'data', data: '[DONE]' }],
    ['{ event: done }', { kind: 'event', event: 'done' }],
    ['{ path: done }', { kind: 'path', path: 'done' }],
    ['{ path: n, equals: 5 }', { kind: 'path', path: 'n', equals: 5 }],
    ['{ path: n, equals: false }', { kind: 'path', path: 'n', equals: false }],
  ] as const) {
    it(`takes terminal ${written}`, () =>
      assert.deepEqual(target(LOCAL, `terminal: ${written}`).terminal, expected));
  }

  for (const [written, bytes] of [
    ['1024', 1024],
    ['0', 0],
    ['10B', 10],
    ['1KiB', 1024],
    ['0.5KiB', 512],
    ['2MiB', 2_097_152],
  ] as const) {
    it(`takes a size of ${written}`, () =>
      assert.equal(target(LOCAL, `expect: { minBytes: ${written} }`).expect.minBytes, bytes));
  }

  for (const [written, ratio] of [
    ['99%', 0.99],
    ['99.9%', 0.999],
    ['0.5%', 0.005],
    ['0.5 %', 0.005],
    ['100%', 1],
    ['1', 1],
    ['0', 0],
    ['0.97', 0.97],
  ] as const) {
    it(`takes a share of ${written}`, () => {
      const { endpoint } = target(`simulator: { faults: { reset: ${written} } }`);
      assert.ok(endpoint.kind === 'simulator');
      const { faults } = endpoint.options as unknown as SimulatorOptions;
      assert.equal(faults.reset, ratio);
    });
  }

  it('may have limits that its timeouts just allow, and those of others that are merely redundant', () => {
    const { thresholds } = target(
      LOCAL,
      'timeouts: { total: 20s, ttfb: 10s }',
      'objective: { ttft: 20s, duration: 20s }',
      'thresholds: { ttfb-max: 10s, ttft-p95: 20s, ttft-p50: 1s, effective-p95: 1m, success-rate-critical: 99.9%, ttft-p99: { limit: 19s, abort: true } }',
    );
    assert.equal(thresholds.length, 6);
  });

  it('takes the limit of a host in a mapping, too', () => {
    assert.deepEqual(target(LOCAL, 'thresholds: { target-cpu: { limit: 70% } }').thresholds, [
      { id: 'target-cpu', limit: 0.7 },
    ]);
  });

  it('takes defaults of timeouts down to a shorter total', () => {
    assert.deepEqual(target(LOCAL, 'timeouts: { total: 5s }').timeouts, {
      connectMs: 5000,
      ttfbMs: 5000,
      idleMs: 5000,
      totalMs: 5000,
      lingerMs: 1000,
    });
  });

  it('lets the simulator answer in the format of the target, and judges as it answers', () => {
    const of = (t: Target): unknown[] => [
      t.format,
      t.endpoint.kind === 'simulator' && t.endpoint.options.format,
      t.terminal,
    ];
    const done = { kind: 'data', data: '[DONE]' };
    assert.deepEqual(of(target('simulator: {}')), ['sse', 'sse', done]);
    assert.deepEqual(of(target('simulator: {}', 'format: raw')), ['raw', 'raw', undefined]);
    assert.deepEqual(of(target('simulator: { format: openai-chat }')), [
      'openai-chat',
      'openai-chat',
      undefined,
    ]);
    assert.deepEqual(of(target('simulator: { format: raw }', 'format: sse')), ['sse', 'raw', done]);
    assert.deepEqual(of(target('simulator: {}', 'terminal: { event: end }')), [
      'sse',
      'sse',
      { kind: 'event', event: 'end' },
    ]);
  });

  for (const [name, lines, json] of [
    ['a mapping', ['body: { a: 1 }'], true],
    ['a list', ['body: [1]'], true],
    ['a text that is JSON', [`body: '{"a": "\${env:A}", "n": \${env:N}}'`], true],
    [
      'a text of a JSON content type',
      ['body: "{{a}} x"', 'headers: { Content-Type: application/problem+json; v=1 }'],
      true,
    ],
    ['any other text', ['body: hello'], false],
  ] as const) {
    it(`escapes for JSON in ${name}: ${json}`, () => assert.equal(target(LOCAL, ...lines).body?.json, json));
  }

  it('leaves a content type alone that is set', () => {
    const headers = target(
      LOCAL,
      'body: { a: 1 }',
      'headers: { Content-Type: application/x-ndjson }',
    ).headers;
    assert.deepEqual(headers, { 'content-type': ['application/x-ndjson'] });
  });

  it('sends a body of YAML as JSON, character by character', () => {
    const body = target(LOCAL, 'body: { "a\\"b": [1.5, true, null, {}], c: "line\\nend \\u2028" }').body;
    assert.deepEqual(body?.text, [`{"a\\"b":[1.5,true,null,{}],"c":"line\\nend \u2028"}`]);
  });

  for (const [file, prompts] of [
    ['prompts.txt', ['Why is the sky blue?', 'What is soap?']],
    ['prompts.jsonl', ['one "quoted"', 'two']],
    ['prompts.json', ['one', 'two']],
  ] as const) {
    it(`draws prompts from ${file}`, () =>
      assert.deepEqual(target(LOCAL, 'body: "{{prompt}}"', `prompts: { file: ${file} }`).prompts, prompts));
  }

  it('undoes an escaped ${ wherever a text stands', () => {
    assert.deepEqual(target(LOCAL, 'labels: { a: "$${x}" }').labels, { a: `\${x}` });
    assert.deepEqual(target(LOCAL, 'body: "{{prompt}}"', 'prompts: ["a $${x} b"]').prompts, [`a \${x} b`]);
  });

  it('may be shared through an alias', () => {
    const text = readFileSync(join(DIR, 'minimal.yaml'), 'utf8').replace(
      'stream\n',
      'stream\n    timeouts: &t { idle: 5s }\n  - { name: other, simulator: {}, timeouts: *t }\n',
    );
    const { targets } = parseConfig(text, { file: 'x.yaml' });
    assert.deepEqual(
      targets.map((t) => t.timeouts.idleMs),
      [5000, 5000],
    );
  });

  it('may be on a host that could lie in an allowed range: its addresses are judged when it is dialled', () => {
    const text = readFileSync(join(DIR, 'minimal.yaml'), 'utf8').replace('127.0.0.1', 'some.host');
    assert.throws(() => parseConfig(text, { file: 'x.yaml' }), { code: 'TARGET_NOT_ALLOWED', exitCode: 3 });
    parseConfig(`${text}allow: [10.0.0.0/8]\n`, { file: 'x.yaml' });
  });
});
