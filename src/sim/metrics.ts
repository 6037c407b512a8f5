import { SIMULATED_OUTCOMES } from '../core/simulator.ts';
import type { GroundTruth } from './ledger.ts';

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** State of the simulator besides streams. */
export interface Holdings {
  readonly queued: number;
  readonly memoryBytes: number;
}

/** Returns the simulator's own metrics as Prometheus text: what it really sent. */
export function renderMetrics(truth: GroundTruth, { queued, memoryBytes }: Holdings): string {
  const lines: string[] = [];
  const family = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    samples: readonly [string, number][],
  ): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of samples) lines.push(`${name}${labels} ${value}`);
  };
  family('simulator_streams_started_total', 'counter', 'Streams accepted.', [['', truth.started]]);
  family(
    'simulator_streams_finished_total',
    'counter',
    'Streams that have ended, by how they ended.',
    SIMULATED_OUTCOMES.map((outcome) => [`{outcome="${outcome}"}`, truth.finished[outcome]]),
  );
  family('simulator_streams_active', 'gauge', 'Streams that are open now.', [['', truth.active]]);
  family('simulator_streams_queued', 'gauge', 'Streams that wait for a slot.', [['', queued]]);
  family('simulator_hoarded_bytes', 'gauge', 'Memory taken by the behaviour of that name.', [
    ['', memoryBytes],
  ]);
  family('simulator_sent_chunks_total', 'counter', 'Chunks sent.', [['', truth.chunks]]);
  family('simulator_sent_bytes_total', 'counter', 'Bytes of body sent, without transfer coding.', [
    ['', truth.bytes],
  ]);
  family('simulator_sent_characters_total', 'counter', 'Unicode code points of content sent.', [
    ['', truth.characters],
  ]);
  family(
    'simulator_lateness_seconds_total',
    'counter',
    'Sum of how late the simulator itself was with its chunks.',
    [['', truth.latenessMs / 1000]],
  );
  return `${lines.join('\n')}\n`;
}
