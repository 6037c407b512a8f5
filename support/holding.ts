import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamView, streamLayout } from '../src/catalog/slots.ts';
import { parseConfig } from '../src/config/load.ts';
import { buildAllowlist } from '../src/core/allow.ts';
import type { SnapshotView } from '../src/core/snapshot.ts';
import type { StreamResult } from '../src/core/stream-result.ts';
import { formatNamed } from '../src/formats/list.ts';
import { OpenStreams } from '../src/load/open-streams.ts';
import type { Plan } from '../src/load/plan.ts';
import { allocateRecord, copyRecord, Recorder } from '../src/load/recorder.ts';
import type { UserContext } from '../src/load/virtual-user.ts';
import { preparePlan } from '../src/run/prepare.ts';
import { Connector, dialOptions } from '../src/transport/connector.ts';
import { NETWORK } from '../src/transport/dial.ts';

/** What an engine thread holds, in this process: so that a test sees every stream's result and not only failures. */
export interface Holding {
  readonly plan: Plan;
  readonly context: UserContext;
  readonly results: Map<string, StreamResult>;
  /** What was counted. */
  view(): SnapshotView<ReturnType<typeof streamLayout>>;
  /** Waits until no stream is open. */
  idle(timeoutMs: number): Promise<void>;
  stop(): void;
}

/** @param scenario of the configuration */
export async function hold(yaml: string, scenario: string): Promise<Holding> {
  const config = parseConfig(yaml, { file: 'test.yaml' });
  const plan = await preparePlan('held', config, config.scenarios[scenario]!, {
    version: 'test',
    resolveSecret: (text) => text.join(''),
    readFile: () => '',
    fetchToken: () => Promise.reject(new Error('no token is asked for')),
    env: {},
    lookup: async () => [],
    simulatorUrl: async () => '',
    counted: config.targets.map((t) => t.name),
    timingLimits: {},
  });
  const layout = streamLayout(
    plan.targets.map((t) => t.name),
    {},
  );
  const record = allocateRecord(layout);
  const recorder = new Recorder(layout, record);
  const open = new OpenStreams(plan.targets);
  const allowlist = buildAllowlist([]);
  const results = new Map<string, StreamResult>();
  const clock = () => performance.now();
  // As a worker does it: after the reads of a turn.
  const sweep = setInterval(() => setImmediate(() => open.sweep(clock(), recorder)), 100);
  after(() => clearInterval(sweep));
  return {
    plan,
    context: {
      runId: plan.runId,
      targets: plan.targets,
      connectors: plan.targets.map(
        ({ route }) => new Connector(dialOptions(route, allowlist, NETWORK, clock)),
      ),
      classifiers: plan.targets.map((t) => formatNamed(t.format).classifier(t)),
      recorder,
      clock,
      open,
      finished: (result) => results.set(result.id, result),
    },
    results,
    view() {
      const values = new Float64Array(layout.size);
      copyRecord(layout, record, values);
      return new StreamView(layout, values);
    },
    async idle(timeoutMs) {
      const endMs = clock() + timeoutMs;
      while (open.size > 0) {
        if (clock() > endMs) throw new Error(`${open.size} streams are open after ${timeoutMs} ms`);
        await sleep(50);
      }
    },
    stop: () => clearInterval(sweep),
  };
}
