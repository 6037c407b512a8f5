import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AdHocFlags, type AdHocOptions, adHocConfig } from '../../src/config/ad-hoc.ts';
import { problemsOf } from './problems-of.ts';

const URL_ = 'http://127.0.0.1:8002/stream';

const FILES: Record<string, string> = { '/conf/body.json': '{"a": 1}', '/conf/key': 'k\n' };
const OPTIONS: AdHocOptions = {
  cwd: '/conf',
  env: { KEY: 'planted-key' },
  readFile: (path) => {
    const text = FILES[path];
    if (text === undefined) throw Object.assign(new Error('planted'), { code: 'ENOENT' });
    return Buffer.from(text);
  },
};

const of = (flags: Partial<AdHocFlags>) => adHocConfig({ target: URL_, ...flags }, OPTIONS);

describe('flags', () => {
  it('set limits of thresholds as a file does', () => {
    const { thresholds } = of({
      threshold: ['ttft-p95=3s', 'success-rate=99.5%', 'goodput=off', 'concurrency-soft=20', 'drift=off'],
    });
    assert.deepEqual(thresholds, [
      { id: 'success-rate', limit: 0.995 },
      { id: 'drift', limit: 'off' },
      { id: 'ttft-p95', limit: 3000 },
      { id: 'goodput', limit: 'off' },
      { id: 'concurrency-soft', limit: 20 },
    ]);
  });

  it('name the threshold whose limit is wrong, all at once', () => {
    const { details } = problemsOf(() =>
      of({
        threshold: [
          'ttft-p95=400s',
          'x',
          'gap-p99=0',
          'gap-p99=1s',
          'success=1%',
          'goodput=90%',
          'stall-lag=1s',
        ],
      }),
    );
    assert.deepEqual(
      details.map((line) => line.replace(/expected one of .*; /, 'expected one of …; ')),
      [
        '--threshold: found "x", expected NAME=LIMIT; write for example --threshold ttft-p95=3s',
        '--threshold: found the threshold gap-p99 a second time, expected each once; remove one of them',
        '--threshold success: found an unknown key "success", expected one of …; did you mean "success-rate"?',
        '--threshold stall-lag: found an unknown key "stall-lag", expected one of …; give --max-measurement-lag, which bounds how late soakd itself may be',
        '--threshold gap-p99: found 0 (a number), expected a duration above 0, or off; write for example 500ms',
        '--threshold ttft-p95: found "400s", expected at most --total-timeout (5m by default), which ends a stream before it takes longer; lower it, or raise --total-timeout',
        '--threshold goodput: found a limit of goodput for "target", which has no objective, expected an objective of the target; use a configuration file, where a target has an objective:',
      ],
    );
  });

  it('need no more than a target', () => {
    const config = of({});
    assert.deepEqual(
      { ...config, scenarios: { ...config.scenarios } },
      {
        serve: { host: '127.0.0.1', port: 9876, tokens: [], metrics: 'open' },
        workers: 'auto',
        maxMeasurementLagMs: 25,
        history: { maxAgeMs: 34_560_000_000, maxBytes: 2_147_483_648, maxGapMs: 600_000 },
        targets: [
          {
            name: 'target',
            endpoint: { kind: 'url', url: URL_ },
            method: 'GET',
            headers: {},
            prompts: [],
            format: 'sse',
            expect: { minChunks: 0, minBytes: 0, minCharacters: 0 },
            timeouts: { connectMs: 10_000, ttfbMs: 30_000, idleMs: 30_000, totalMs: 300_000, lingerMs: 1000 },
            connection: 'reuse',
            labels: {},
            thresholds: [],
          },
        ],
        scenarios: {
          'ad-hoc': {
            name: 'ad-hoc',
            model: { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 0 } },
            targets: [{ name: 'target', weight: 1 }],
            stages: [{ shape: 'hold', level: 1, durationMs: 60_000 }],
            warmUpMs: 0,
            seed: 1,
          },
        },
        schedules: [],
        thresholds: [],
        allow: [],
        limits: { maxUsers: 10_000, maxRate: 5000, maxDurationMs: 30 * 86_400_000 },
      },
    );
    assert.ok(Object.isFrozen(config.targets[0]?.timeouts));
  });

  it('may all be given', () => {
    const config = of({
      target: 'https://llm.example.com/v1',
      format: 'sse',
      terminal: '[DONE]',
      users: '50',
      for: '10m',
      method: 'PATCH',
      header: [`Authorization: Bearer \${env:KEY}`, 'X-Empty:', 'x-colon : a:b '],
      body: '@body.json',
      minChunks: '10',
      minBytes: '1KiB',
      connectTimeout: '1s',
      ttfbTimeout: '2s',
      idleTimeout: '3s',
      totalTimeout: '4s',
      seed: '7',
      allow: ['llm.example.com'],
    });
    const [target] = config.targets;
    assert.deepEqual(target, {
      name: 'target',
      endpoint: { kind: 'url', url: 'https://llm.example.com/v1' },
      method: 'PATCH',
      headers: { authorization: ['Bearer ', { env: 'KEY' }], 'x-empty': [], 'x-colon': ['a:b'] },
      body: { text: ['{"a": 1}'], json: true },
      prompts: [],
      format: 'sse',
      terminal: { kind: 'data', data: '[DONE]' },
      expect: { minChunks: 10, minBytes: 1024, minCharacters: 0 },
      timeouts: { connectMs: 1000, ttfbMs: 2000, idleMs: 3000, totalMs: 4000, lingerMs: 1000 },
      connection: 'reuse',
      labels: {},
      thresholds: [],
    });
    assert.deepEqual(config.scenarios['ad-hoc']?.stages, [{ shape: 'hold', level: 50, durationMs: 600_000 }]);
    assert.equal(config.scenarios['ad-hoc']?.seed, 7);
    assert.deepEqual(config.allow, ['llm.example.com']);
  });

  it('with a rate make an open scenario', () => {
    const model = (flags: Partial<AdHocFlags>) => of(flags).scenarios['ad-hoc']?.model;
    assert.deepEqual(model({ rate: '2.5' }), { kind: 'open', arrivals: 'poisson', maxUsers: 10_000 });
    assert.deepEqual(model({ rate: '2.5', users: '30' }), {
      kind: 'open',
      arrivals: 'poisson',
      maxUsers: 30,
    });
    assert.deepEqual(of({ rate: '2.5' }).scenarios['ad-hoc']?.stages, [
      { shape: 'hold', level: 2.5, durationMs: 60_000 },
    ]);
  });
});

const DURATION = 'expected a duration such as 250ms, 1.5s or 1h30m';

const BAD: readonly (readonly [Partial<AdHocFlags>, string])[] = [
  [
    { target: 'planted' },
    '--target: found a string that is no such URL, expected a URL such as https://llm.example.com/v1/chat/completions; begin it with http:// or https:// and a host',
  ],
  [
    { format: 'see' },
    '--format: found "see", expected one of raw, sse, openai-chat, openai-completions, openai-responses, anthropic, gemini, cohere, ollama, ndjson; did you mean "sse"?',
  ],
  [
    { format: 'openai-chat', terminal: 'x' },
    '--terminal: found "x", expected finish, beside format openai-chat; write finish, or set another format:',
  ],
  [
    { terminal: '' },
    '--terminal: found "", expected a string that ends the stream, such as "[DONE]"; write a string',
  ],
  [{ users: 'many' }, '--users: found "many", expected a whole number of at least 1; write for example 1'],
  [{ users: '1.5' }, '--users: found 1.5 (a number), expected a whole number of at least 1; write 2'],
  [{ users: '0' }, '--users: found 0 (a number), expected a whole number of at least 1; write at least 1'],
  [{ users: '-1' }, '--users: found -1 (a number), expected a whole number of at least 1; write at least 1'],
  [{ rate: '0' }, '--rate: found 0 (a number), expected a number above 0; write for example 1'],
  [
    { users: '10001' },
    '--users: found 10001 users, expected at most 10000 (limits.maxUsers); lower it, or use a configuration file with other limits',
  ],
  [
    { rate: '5', users: 'x' },
    '--users: found "x", expected a whole number of at least 1; write for example 1',
  ],
  [{ rate: 'fast' }, '--rate: found "fast", expected a number above 0; write for example 1'],
  [
    { rate: '5001' },
    '--rate: found 5001 streams a second, expected at most 5000 (limits.maxRate); lower it, or use a configuration file with other limits',
  ],
  [{ for: '60' }, `--for: found "60", ${DURATION}; write 60s`],
  [
    { for: '31d' },
    '--for: found stages of 31d together, expected at most 30d (limits.maxDuration); lower it, or use a configuration file with other limits',
  ],
  [
    { method: 'GET IT' },
    '--method: found "GET IT", expected an HTTP method such as GET or POST; write one word',
  ],
  [
    { header: ['planted'] },
    '--header: found a string that is no header, expected "Name: value"; write the name, a colon and the value',
  ],
  [
    { header: ['x-a: 1', 'x-a: planted'] },
    '--header: found the header "x-a" a second time, expected each header once; remove one of them',
  ],
  [
    { header: ['x-a: 1', 'X-A: planted'] },
    '--header: found the header "X-A" a second time, expected each header once, whatever its case; remove one of them',
  ],
  [
    { header: ['Connection: planted'] },
    '--header: found the header "Connection", expected none that soakd or the connection sets; remove it',
  ],
  [
    { header: [`x: \${planted}`] },
    `--header: found a \${ that begins no such reference, expected \${env:NAME} or \${file:path}, or $\${ for a literal \${; write $\${ where it is meant as it stands`,
  ],
  [
    { body: '@nowhere' },
    '--body: found the file "nowhere", which does not exist, expected @ and a file that can be read; fix the path',
  ],
  [
    { body: '{{prompt}}' },
    '--body: found {{prompt}} without prompts, expected prompts to draw it from; use a configuration file with prompts',
  ],
  [
    { minChunks: '-1' },
    '--min-chunks: found -1 (a number), expected a whole number of at least 0; write at least 0',
  ],
  [
    { minBytes: '1KB' },
    '--min-bytes: found "1KB", expected a number of bytes such as 1024, 1KiB or 1MiB; write 1KiB',
  ],
  [{ connectTimeout: '10' }, `--connect-timeout: found "10", ${DURATION}; write 10s`],
  [{ ttfbTimeout: '30' }, `--ttfb-timeout: found "30", ${DURATION}; write 30s`],
  [{ idleTimeout: 'soon' }, `--idle-timeout: found "soon", ${DURATION}; write for example 30s`],
  [{ totalTimeout: '0s' }, '--total-timeout: found "0s", expected a duration above 0; write for example 30s'],
  [
    { idleTimeout: '10m' },
    '--idle-timeout: found "10m", expected at most the total timeout (5m by default); lower it, or set --total-timeout 10m or longer',
  ],
  [{ ramp: '0s' }, '--ramp: found "0s", expected a duration above 0; write for example 30s'],
  [{ thinkTime: '2' }, `--think-time: found 2 (a number), ${DURATION}; write 2s or 2ms`],
  [
    { thinkTime: '{ uniform: [3s, 1s] }' },
    '--think-time: found a range that ends before it begins, expected the smaller value first; swap the two',
  ],
  [
    { thinkTime: '{ uniform: [1s' },
    '--think-time: found "{ uniform: [1s", expected a value as in a configuration; write it as there, on one line',
  ],
  [
    { rate: '5', thinkTime: '1s' },
    '--think-time: found it beside --rate, expected it beside --users only; leave out one of them',
  ],
  [{ seed: 'x' }, '--seed: found "x", expected a whole number from 0 to 4294967295; write for example 1'],
  [
    { allow: ['http://x'] },
    '--allow: found "http://x", expected a host name, a suffix such as .example.com, an address or a CIDR range; write the host alone, without scheme, port and path',
  ],
];

describe('--ramp and --think-time', () => {
  const scenarioOf = (flags: Partial<AdHocFlags>) => of(flags).scenarios['ad-hoc']!;

  it('--ramp lets users rise from 0 before --for begins', () => {
    assert.deepEqual(scenarioOf({ users: '50', ramp: '10s', for: '1m' }).stages, [
      { shape: 'ramp', from: 0, to: 50, durationMs: 10_000 },
      { shape: 'hold', level: 50, durationMs: 60_000 },
    ]);
  });

  it('--ramp lets a rate rise from 0', () => {
    const { stages, model } = scenarioOf({ rate: '2.5', users: '30', ramp: '1m30s' });
    assert.deepEqual(stages, [
      { shape: 'ramp', from: 0, to: 2.5, durationMs: 90_000 },
      { shape: 'hold', level: 2.5, durationMs: 60_000 },
    ]);
    assert.deepEqual(model, { kind: 'open', arrivals: 'poisson', maxUsers: 30 });
  });

  it('--think-time takes a duration, or a distribution as a configuration has it', () => {
    const thinking = (thinkTime: string) => scenarioOf({ thinkTime }).model;
    assert.deepEqual(thinking('1.5s'), { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 1500 } });
    assert.deepEqual(thinking('0s'), { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 0 } });
    assert.deepEqual(thinking('{ uniform: [1s, 3s] }'), {
      kind: 'closed',
      thinkTimeMs: { kind: 'uniform', from: 1000, to: 3000 },
    });
  });

  it('a wrong level, duration or ramp is named once, by its own flag', () => {
    const labels = (flags: Partial<AdHocFlags>) => problemsOf(() => of(flags)).details;
    assert.deepEqual(labels({ users: '0', ramp: '5', for: '60' }), [
      '--users: found 0 (a number), expected a whole number of at least 1; write at least 1',
      `--for: found "60", ${DURATION}; write 60s`,
      `--ramp: found "5", ${DURATION}; write 5s`,
    ]);
    assert.deepEqual(labels({ rate: '5001', ramp: '5s' }), [
      '--rate: found 5001 streams a second, expected at most 5000 (limits.maxRate); lower it, or use a configuration file with other limits',
    ]);
  });

  it('the warm-up may be longer than --for where it is shorter than both', () => {
    assert.equal(scenarioOf({ ramp: '10s', for: '5s', warmUp: '14s' }).warmUpMs, 14_000);
    assert.equal(problemsOf(() => of({ ramp: '10s', for: '5s', warmUp: '15s' })).details.length, 1);
  });
});

describe('a flag that is wrong is named', () => {
  for (const [flags, line] of BAD) {
    it(JSON.stringify(flags), () => {
      const error = problemsOf(() => of(flags));
      assert.deepEqual(error.details, [line]);
      assert.equal(error.code, 'CONFIG_INVALID');
    });
  }

  it('every flag has a line above', () => {
    const seen = new Set(BAD.flatMap(([flags]) => Object.keys(flags)));
    assert.equal(seen.size, 19);
  });

  it('with all others that are, in the order of the flags', () => {
    const { details } = problemsOf(() =>
      of({ seed: 'x', header: ['a', 'b'], format: 'y', totalTimeout: '5' }),
    );
    assert.deepEqual(
      details.map((line) => line.split(':')[0]),
      ['--format', '--header', '--header', '--total-timeout', '--seed'],
    );
  });

  it('when the target is outside the allowlist: a code of its own', () => {
    const error = problemsOf(() => of({ target: 'https://llm.example.com/v1' }));
    assert.equal(error.code, 'TARGET_NOT_ALLOWED');
    assert.deepEqual(error.details, [
      '--target: found the host "llm.example.com", expected loopback or a host that allow names; add --allow llm.example.com, if you may send load to it',
    ]);
  });

  it('when a secret is missing and asked for', () => {
    const flags: AdHocFlags = { target: URL_, header: [`a: \${env:KEY}\${env:NONE}`, `b: \${file:key}`] };
    adHocConfig(flags, OPTIONS);
    const error = problemsOf(() => adHocConfig(flags, { ...OPTIONS, checkSecrets: true }));
    assert.equal(error.code, 'SECRET_MISSING');
    assert.match(error.message, /^--header: found \$\{env:NONE\} unset/);
    assert.equal(error.details.length, 1);
    assert.doesNotMatch(error.message, /planted/);
  });
});
