import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { SIMULATOR_PRESETS } from '../../src/catalog/presets.ts';
import { readSimulatorOptions, type SimulatorFlags, simulatorOptions } from '../../src/config/simulator.ts';
import type { Distribution } from '../../src/core/distribution.ts';
import { type Behaviour, FAULTS, PACES, type SimulatorOptions } from '../../src/core/simulator.ts';
import { writtenOptions } from '../../src/core/simulator-text.ts';
import { FORMATS } from '../../src/formats/list.ts';
import { problemsOf } from './problems-of.ts';

const SEED = SIMULATOR_PRESETS.seed;

describe('options of the simulator', () => {
  it('are those of the preset where nothing is said', () => {
    assert.deepEqual(readSimulatorOptions({}), SEED);
    assert.deepEqual(readSimulatorOptions({ preset: 'quick' }), SIMULATOR_PRESETS.quick);
  });

  it('may all be given', () => {
    const options = readSimulatorOptions({
      format: 'ollama',
      faults: { truncate: '5%' },
      every: { reset: 100 },
      timeline: [{ from: '3m', to: '5m', truncate: '20%', stall: 0.1 }],
      behaviours: [
        { leak: '10ms' },
        { staircase: { step: '100ms', every: '1m' }, on: 'gap' },
        { ramp: { from: 1, to: 3, over: '10m' }, on: 'both' },
        { sine: { min: 1, max: 2, period: '5m' } },
        { pause: { for: '200ms', every: '10s' } },
        { memory: { perMinute: '10MiB', upTo: '500MiB' } },
      ],
      capacity: { streams: 1000, slowdown: '1ms', slots: 2000, max: 3000, status: 429 },
      retryAfter: '2s',
      roofline: true,
    });
    assert.deepEqual(options, {
      ...SEED,
      format: 'ollama',
      faults: { truncate: 0.05 },
      every: { reset: 100 },
      timeline: [{ fromMs: 180_000, toMs: 300_000, faults: { truncate: 0.2, stall: 0.1 } }],
      behaviours: [
        { kind: 'leak', perMinuteMs: 10, on: 'ttfb' },
        { kind: 'staircase', stepMs: 100, everyMs: 60_000, on: 'gap' },
        { kind: 'ramp', from: 1, to: 3, overMs: 600_000, on: 'both' },
        { kind: 'sine', min: 1, max: 2, periodMs: 300_000, on: 'ttfb' },
        { kind: 'pause', forMs: 200, everyMs: 10_000 },
        { kind: 'memory', perMinuteBytes: 10_485_760, upToBytes: 524_288_000 },
      ],
      capacity: { streams: 1000, slowdown: 1, slots: 2000, max: 3000, status: 429 },
      retryAfterMs: 2000,
      roofline: true,
    });
  });

  it('take a number for the knee of a capacity', () => {
    assert.deepEqual(readSimulatorOptions({ capacity: 1500 }).capacity, {
      streams: 1500,
      slowdown: 'seed',
      status: 503,
    });
  });

  it('written down and read again are the same', () => {
    fc.assert(
      fc.property(OPTIONS, (options) => {
        const written = JSON.parse(JSON.stringify(writtenOptions(options)));
        const read = readSimulatorOptions(written);
        // Those of fast-check may be objects without a prototype.
        const plain = JSON.parse(JSON.stringify(options)) as SimulatorOptions;
        const { every = {}, timeline = [], behaviours = [], roofline = false, ...rest } = plain;
        assert.deepEqual(read, { ...rest, every, timeline, behaviours, roofline });
      }),
    );
  });

  it('name the key that is wrong', () => {
    const error = problemsOf(() => readSimulatorOptions({ seed: -1, capacity: { streams: 5, max: 'x' } }));
    assert.deepEqual(error.details, [
      'seed: found -1 (a number), expected a whole number from 0 to 4294967295; write at least 0',
      'capacity.max: found "x", expected a whole number of at least 1; write for example 1',
    ]);
    assert.match(problemsOf(() => readSimulatorOptions([])).message, /^the options: found an empty list/);
  });
});

/** Durations as a configuration has them: no finer than a microsecond. */
const ms = fc.integer({ min: 1, max: 10_000_000_000 }).map((us) => us / 1000);
const positive = fc.integer({ min: 1, max: 1_000_000 }).map((n) => n / 100);
const distribution = (value: fc.Arbitrary<number>): fc.Arbitrary<Distribution> =>
  fc.oneof(
    fc.record({ kind: fc.constant('fixed' as const), value }),
    fc
      .tuple(value, value)
      .map(([a, b]) => ({ kind: 'uniform' as const, from: Math.min(a, b), to: Math.max(a, b) })),
    fc.record({ kind: fc.constantFrom('normal' as const, 'lognormal' as const), mean: value, stddev: value }),
    fc.record({ kind: fc.constant('exponential' as const), mean: value }),
    fc.record({
      kind: fc.constant('empirical' as const),
      values: fc.array(value, { minLength: 1, maxLength: 5 }),
    }),
  );
const on = fc.constantFrom(...PACES);
const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.record({ kind: fc.constant('leak' as const), perMinuteMs: ms, on }),
  fc.record({ kind: fc.constant('staircase' as const), stepMs: ms, everyMs: ms, on }),
  fc.record({ kind: fc.constant('ramp' as const), from: positive, to: positive, overMs: ms, on }),
  fc.record({ kind: fc.constant('sine' as const), min: positive, max: positive, periodMs: ms, on }),
  ms.map((forMs) => ({ kind: 'pause' as const, forMs, everyMs: Math.ceil(forMs) + 1 })),
  fc.record({
    kind: fc.constant('memory' as const),
    perMinuteBytes: fc.nat(),
    upToBytes: fc.nat(),
  }),
);
const shares = fc.dictionary(
  fc.constantFrom(...FAULTS),
  fc.integer({ min: 0, max: 40 }).map((n) => n / 1000),
  {
    noNullPrototype: true,
  },
);
const OPTIONS: fc.Arbitrary<SimulatorOptions> = fc.record(
  {
    seed: fc.nat(),
    format: fc.constantFrom(...FORMATS),
    ttfbMs: distribution(ms),
    gapMs: distribution(ms),
    chunks: distribution(positive),
    characters: distribution(positive),
    faults: shares,
    every: fc.dictionary(fc.constantFrom(...FAULTS), fc.integer({ min: 1, max: 1000 }), {
      noNullPrototype: true,
    }),
    timeline: fc.array(
      fc.tuple(ms, ms, shares).map(([a, b, faults]) => ({ fromMs: a, toMs: Math.ceil(a + b) + 1, faults })),
    ),
    behaviours: fc.array(behaviour),
    capacity: fc
      .tuple(
        fc.nat(1000),
        fc.oneof(fc.constant('seed' as const), ms),
        fc.constantFrom(503 as const, 429 as const),
      )
      .map(([streams, slowdown, status]) => ({
        streams,
        slowdown,
        slots: streams + 1,
        max: streams + 2,
        status,
      })),
    retryAfterMs: ms,
    roofline: fc.boolean(),
  },
  { requiredKeys: ['seed', 'format', 'ttfbMs', 'gapMs', 'chunks', 'characters', 'faults'] },
);

describe('flags of simulate', () => {
  it('mean what they mean in a configuration', () => {
    const flags: SimulatorFlags = {
      preset: 'quick',
      format: 'anthropic',
      seed: '7',
      ttfb: '10ms',
      gap: '{ uniform: [1ms, 2ms] }',
      chunks: '100',
      characters: '{ empirical: [1, 2] }',
      fault: ['http503=1%', 'truncate=0.05'],
      every: ['reset=100'],
      timeline: ['truncate=20%,stall=5%@3m-5m', 'reset=1%@0s-1m'],
      behaviour: [
        'leak: 10ms',
        '{ pause: { for: 200ms, every: 10s } }',
        'ramp: { from: 1, to: 2, over: 1m }, on: gap',
      ],
      capacity: 'streams: 100, max: 200',
      retryAfter: '2s',
      roofline: true,
    };
    assert.deepEqual(
      simulatorOptions(flags),
      readSimulatorOptions({
        preset: 'quick',
        format: 'anthropic',
        seed: 7,
        ttfb: '10ms',
        gap: { uniform: ['1ms', '2ms'] },
        chunks: 100,
        characters: { empirical: [1, 2] },
        faults: { http503: 0.01, truncate: 0.05 },
        every: { reset: 100 },
        timeline: [
          { from: '3m', to: '5m', truncate: 0.2, stall: 0.05 },
          { from: '0s', to: '1m', reset: 0.01 },
        ],
        behaviours: [
          { leak: '10ms' },
          { pause: { for: '200ms', every: '10s' } },
          { ramp: { from: 1, to: 2, over: '1m' }, on: 'gap' },
        ],
        capacity: { streams: 100, max: 200 },
        retryAfter: '2s',
        roofline: true,
      }),
    );
    assert.deepEqual(simulatorOptions({ capacity: '1000' }).capacity?.streams, 1000);
    assert.deepEqual(simulatorOptions({}), SEED);
  });

  const NAMES = [...FAULTS].sort().join(', ');
  const BAD: readonly (readonly [SimulatorFlags, string])[] = [
    [{ preset: 'slow' }, '--preset: found "slow", expected one of seed, quick; write one of them'],
    [{ format: 'see' }, `--format: found "see", expected one of ${FORMATS.join(', ')}; did you mean "sse"?`],
    [{ seed: 'x' }, '--seed: found "x", expected a whole number from 0 to 4294967295; write for example 1'],
    [
      { ttfb: '10' },
      '--ttfb: found 10 (a number), expected a duration such as 250ms, 1.5s or 1h30m; write 10s or 10ms',
    ],
    [
      { gap: '{ uniform: [' },
      '--gap: found "{ uniform: [", expected a value as in a configuration; write it as there, on one line',
    ],
    [
      { chunks: '{ uniform: [2, 1] }' },
      '--chunks: found a range that ends before it begins, expected the smaller value first; swap the two',
    ],
    [
      { characters: 'few' },
      '--characters: found "few", expected a number of at least 0; write for example 1',
    ],
    [
      { fault: ['truncate'] },
      '--fault: found "truncate", expected the name of a fault, "=" and a share; write for example truncate=5%',
    ],
    [
      { fault: ['truncat=5%'] },
      `--fault: found an unknown key "truncat", expected one of ${NAMES}; did you mean "truncate"?`,
    ],
    [
      { fault: ['truncate=5'] },
      '--fault: found 5 (a number), expected a percentage such as 99% or a ratio from 0 to 1; write 5%',
    ],
    [
      { fault: ['truncate=60%', 'reset=60%'] },
      '--fault: found shares that add up to 120%, expected at most 100% together; lower one of them',
    ],
    [
      { every: ['reset=often'] },
      '--every: found "often", expected a whole number of at least 1; write for example 1',
    ],
    [
      { timeline: ['truncate=20%'] },
      '--timeline: found "truncate=20%", expected faults with shares, "@" and two times; write for example truncate=20%@3m-5m',
    ],
    [
      { timeline: ['truncate=20%@3-5m'] },
      '--timeline: found "3", expected a duration such as 250ms, 1.5s or 1h30m; write 3s',
    ],
    [
      { behaviour: ['leek: 10ms'] },
      '--behaviour: found an unknown key "leek", expected one of leak, memory, on, pause, ramp, sine, staircase; did you mean "leak"?',
    ],
    [
      { behaviour: ['leak'] },
      '--behaviour: found nothing (null), expected a duration such as 250ms, 1.5s or 1h30m; write for example 30s',
    ],
    [
      { capacity: 'a lot' },
      '--capacity: found "a lot", expected a whole number of at least 0; write for example 1',
    ],
    [
      { retryAfter: '2' },
      '--retry-after: found "2", expected a duration such as 250ms, 1.5s or 1h30m; write 2s',
    ],
  ];
  for (const [flags, line] of BAD) {
    it(JSON.stringify(flags), () => {
      const error = problemsOf(() => simulatorOptions(flags));
      assert.deepEqual(error.details, [line]);
      assert.equal(error.exitCode, 2);
    });
  }

  it('that are wrong are all told, in their order', () => {
    const { details } = problemsOf(() =>
      simulatorOptions({ capacity: 'x', behaviour: ['leak: 5', 'leak: ['], seed: 'x', fault: ['a', 'b=1%'] }),
    );
    assert.deepEqual(
      details.map((line) => line.split(':')[0]),
      ['--seed', '--fault', '--fault', '--behaviour', '--behaviour', '--capacity'],
    );
  });
});

describe('simulate --config', () => {
  const inFile = (t: TestContext, text: string, flags: SimulatorFlags = {}) => {
    const cwd = mkdtempSync(join(tmpdir(), 'soakd-simulator-'));
    t.after(() => rmSync(cwd, { recursive: true }));
    writeFileSync(join(cwd, 'sim.yaml'), text);
    return () => simulatorOptions({ ...flags, config: 'sim.yaml' }, { cwd });
  };
  const WHOLE = (targets: string) =>
    `targets: [${targets}]\nscenarios: { s: { target: a, stages: [{ users: 1, for: 1s }] } }\n`;

  it('takes a file with simulator: alone', (t) => {
    const options = inFile(t, 'simulator: { preset: quick, faults: { reset: 1% } }')();
    assert.deepEqual(options.faults, { reset: 0.01 });
    assert.deepEqual(options.ttfbMs, SIMULATOR_PRESETS.quick.ttfbMs);
  });

  it('takes the target of a configuration that has one', (t) => {
    const options = inFile(
      t,
      WHOLE('{ name: a, simulator: { chunks: 5, capacity: 10 } }, { name: b, url: "http://127.0.0.1/" }'),
    )();
    assert.deepEqual(options.chunks, { kind: 'fixed', value: 5 });
    assert.equal(options.capacity?.streams, 10);
  });

  it('lets flags change what the file says', (t) => {
    const options = inFile(t, 'simulator: { chunks: 5, faults: { reset: 1% } }', {
      fault: ['stall=2%'],
      seed: '9',
    })();
    assert.deepEqual(
      [options.chunks, options.faults, options.seed],
      [{ kind: 'fixed', value: 5 }, { stall: 0.02 }, 9],
    );
  });

  const wrong: [name: string, text: string, flags: SimulatorFlags, line: RegExp][] = [
    [
      'a mistake in the block',
      'simulator:\n  chunks: -1\n',
      {},
      /^sim\.yaml:2:11 simulator\.chunks: found -1 \(a number\)/,
    ],
    [
      'a key beside the block',
      'simulator: {}\nserve: {}\n',
      {},
      /^sim\.yaml:2:1 serve: found an unknown key "serve", expected only simulator/,
    ],
    ['no YAML', 'simulator: {\n', {}, /^sim\.yaml:\d/],
    [
      'no simulator',
      WHOLE('{ name: a, url: "http://127.0.0.1/" }'),
      {},
      /^--config: found no target with simulator:/,
    ],
    [
      'two of them',
      WHOLE('{ name: a, simulator: {} }, { name: b, simulator: {} }'),
      {},
      /^--config: found several targets with simulator: \(a, b\), expected one$/,
    ],
    ['a preset besides', 'simulator: {}', { preset: 'quick' }, /^found --preset beside --config/],
  ];
  for (const [name, text, flags, line] of wrong) {
    it(`refuses ${name}`, (t) => {
      assert.throws(inFile(t, text, flags), (error: Error) => {
        assert.match(error.message, line);
        return true;
      });
    });
  }

  it('refuses a file that is not there', () => {
    assert.match(
      problemsOf(() => simulatorOptions({ config: 'nowhere.yaml' })).message,
      /^nowhere\.yaml:1:1: found no such file/,
    );
  });
});
