/** The thread that `bench/error-bar.ts` measures in: streams through the product's own path, and the canary beside them. */

import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { StreamView, streamLayout } from '../../src/catalog/slots.ts';
import { buildAllowlist } from '../../src/core/allow.ts';
import { monotonicMs } from '../../src/core/clock.ts';
import { DIALS_PER_SECOND } from '../../src/core/generator.ts';
import { measurementErrorOf } from '../../src/core/measurement-error.ts';
import type { Transport } from '../../src/core/target.ts';
import type { StreamClassifier } from '../../src/formats/classifier.ts';
import { Canary } from '../../src/load/canary/canary.ts';
import { DialGate } from '../../src/load/dial-gate.ts';
import { allocateRecord, Recorder } from '../../src/load/recorder.ts';
import { warmUp } from '../../src/load/warm-up.ts';
import { HttpStream, type StreamObserver } from '../../src/stream/stream.ts';
import { ownTarget, type ReadyTarget } from '../../src/target/ready-target.ts';
import type { Connection } from '../../src/transport/connection.ts';
import { Connector, dialOptions } from '../../src/transport/connector.ts';
import { type DialTimes, NETWORK } from '../../src/transport/dial.ts';
import type { LevelAsked, LevelResult, WindowResult } from './results.ts';

const { port, canaryPort, transport, gated, streams, windows } = workerData as LevelAsked;
const WINDOW_MS = 5000;
const SETTLE_MS = 2500;
const LONG_MS = 600_000;

const clock = (): number => performance.now();
const aheadMs = clock() - monotonicMs();
/** How late chunks of the present window were seen, ms; and by how much TTFB is wrong. */
let lags: number[] = [];
const biases: number[] = [];
const connects: number[] = [];
let seen = 0;

const nothing = (): void => {};

/** One stream, whose chunks tell what is true. */
class Probe implements StreamClassifier, StreamObserver {
  readonly #connection: Connection;
  readonly #stream: HttpStream;
  #truth: readonly number[] = [];

  constructor(target: ReadyTarget) {
    this.#connection = new Connector(dialOptions(target.route, buildAllowlist([]), NETWORK, clock)).connect();
    this.#stream = new HttpStream('probe', target, this.#connection, this, clock, this);
    this.#stream.start([], undefined);
  }

  read(bytes: Uint8Array, _newRead: boolean, _tally: unknown, start = 0, end = bytes.length): undefined {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
    for (const [, at, took] of text.matchAll(/^data: ([\d.]+)(?: ([\d.]+))?$/gm)) {
      lags.push(this.#connection.readAtMs - aheadMs - Number(at));
      if (took !== undefined) this.#truth = [Number(took)];
    }
    if (this.#truth.length > 0 && this.#stream.firstByteMs !== undefined) {
      biases.push(this.#stream.firstByteMs - this.#truth[0]!);
      this.#truth = [];
      seen++;
    }
    return undefined;
  }

  end = (): { outcome: 'complete' } => ({ outcome: 'complete' });
  connected = ({ connectMs }: DialTimes): void => void connects.push(connectMs);
  written = nothing;
  responded = nothing;
  firstByte = nothing;
  firstContent = nothing;
  chunks = nothing;
  body = nothing;
  ended = nothing;

  stop(): void {
    this.#stream.cancel('cancelled');
    this.#connection.destroy();
  }
}

function quantiles(values: number[]): [p50: number, p99: number] {
  const sorted = Float64Array.from(values).sort();
  const at = (q: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return [at(0.5), at(0.99)];
}

function targetOf(at: number, through: Transport): ReadyTarget {
  const timeouts = { connectMs: LONG_MS, ttfbMs: LONG_MS, idleMs: LONG_MS, totalMs: LONG_MS, lingerMs: 0 };
  return ownTarget({ port: at, transport: through }, { name: 'target', format: 'sse', timeouts });
}

const layout = streamLayout([], {});
const record = allocateRecord(layout);
const canary = new Canary({
  port: canaryPort,
  transports: new Set([transport]),
  recorder: new Recorder(layout, record),
  network: NETWORK,
  clock,
});
canary.start();
const sweep = setInterval(() => canary.sweep(), 100);
const target = targetOf(port, transport);
// As an engine thread does.
await warmUp([target.format], [transport], clock);
const gate = new DialGate(DIALS_PER_SECOND);
const probes: Probe[] = [];
// All are due at once; the gate of an engine thread lets them dial one after the other.
while (probes.length < streams) {
  const dueMs = gated ? gate.reserve(clock()) : clock();
  const leftMs = dueMs - clock();
  if (leftMs > 0) await wait(leftMs);
  probes.push(new Probe(target));
}
const endMs = clock() + 20_000;
while (seen < streams && clock() < endMs) await wait(20);
const ttfb = quantiles(biases);
if (windows > 0) await wait(SETTLE_MS);
const results: WindowResult[] = [];
for (let i = 0; i < windows; i++) {
  lags = [];
  const before = record.values.slice();
  await wait(WINDOW_MS);
  const window = lags;
  const values = record.values.map((v, at) => v - before[at]!);
  // Maxima do not subtract.
  for (const at of layout.maxima) values[at] = record.values[at]!;
  const bar = measurementErrorOf(new StreamView(layout, values).shared(`measurementLag:${transport}`));
  results.push({ truth: quantiles(window), chunks: window.length, bar });
}
const cpu = process.threadCpuUsage?.() ?? { user: 0, system: 0 };
const result: LevelResult = {
  streams: seen,
  ttfb,
  connect: quantiles(connects),
  windows: results,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
};
parentPort!.postMessage(result);
for (const probe of probes) probe.stop();
canary.stop();
clearInterval(sweep);
