/**
 * `node bench/record-memory.ts --out=FILE [--seconds=90] [--users=50] [--seed=1]`: one healthy run against the built-in
 * simulator in this process, and its memory second by second. test/drift/memory holds some, which
 * test/run/memory-replays.test.ts replays and lengthens. Besides the resident set it has the second from which every thread
 * had made two major garbage collections; `null` where that never came.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parseConfig } from '../src/config/load.ts';
import { readSimulatorOptions } from '../src/config/simulator.ts';
import type { SimulatorOptions } from '../src/core/simulator.ts';
import { Engine } from '../src/load/engine.ts';
import { countMajorCollections, hasSettled } from '../src/machine/collections.ts';
import { preparePlan } from '../src/run/prepare.ts';
import { Runner } from '../src/run/runner.ts';
import { setupOf } from '../src/run/setup.ts';
import { startSimulatorThread } from '../src/sim/thread.ts';
import type { RecordedMemory } from '../support/drift/memory-series.ts';

const { values: options } = parseArgs({
  options: {
    out: { type: 'string', default: 'memory.json' },
    seconds: { type: 'string', default: '90' },
    users: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
  },
});

const config = parseConfig(
  `maxMeasurementLag: 10s
targets: [{ name: simulated, simulator: { preset: quick } }]
scenarios:
  soak: { target: simulated, seed: ${options.seed}, stages: [{ users: ${options.users}, for: ${options.seconds}s }] }
`,
  { file: 'soakd.yaml' },
);
const setup = setupOf(config);
const endpoint = config.targets[0]!.endpoint;
if (endpoint.kind !== 'simulator') throw new TypeError('the target is the simulator');
const simulator = await startSimulatorThread(endpoint.options as unknown as SimulatorOptions, {
  read: readSimulatorOptions,
});

let engine: Engine | undefined;
const collections = new Int32Array(1);
const rssBytes: number[] = [];
let settledAt: number | null = null;
const runner = new Runner({
  setup,
  openEngine: async (plan, layout, events) => {
    engine = await Engine.open(plan, 1, layout, events);
    return engine;
  },
  sinks: [
    {
      start: () => void countMajorCollections(collections),
      add() {
        if (settledAt === null && engine?.settled === true && hasSettled(collections))
          settledAt = rssBytes.length;
        rssBytes.push(process.memoryUsage.rss());
      },
      stop() {},
    },
  ],
  log: {
    info() {},
    warn() {},
    error: (facts, text) => process.stderr.write(`${text} ${JSON.stringify(facts)}\n`),
  },
});
await runner.start('bench', ({ config: { scenarios }, counted, timingLimits }) =>
  preparePlan('memory', config, scenarios.soak!, {
    version: '0',
    resolveSecret: () => '',
    readFile: () => '',
    lookup: async () => [],
    env: {},
    fetchToken: async () => '',
    simulatorUrl: async () => simulator.url,
    counted,
    timingLimits,
  }),
);
const { run } = (await runner.result)!;
await simulator.close();
const recorded: RecordedMemory = {
  users: Number(options.users),
  seconds: Number(options.seconds),
  settledAt,
  rssKibibytes: rssBytes.map((b) => Math.round(b / 1024)),
};
await writeFile(options.out, `${JSON.stringify(recorded)}\n`);
process.stdout.write(
  `${options.out}: ${run.verdict}, ${rssBytes.length} s, settled at ${settledAt ?? 'no time'}\n`,
);
