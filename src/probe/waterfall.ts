import { formatDuration } from '../core/duration.ts';
import type { ProbeReport } from './report.ts';

/** A step on the way to the first content; ms from the start of the stream. */
export interface Step {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** @returns what happened one after another, as far as it came */
export function stepsOf({
  dnsMs,
  tcpMs,
  tunnelMs,
  tlsMs,
  writtenMs,
  headersMs,
  ttfbMs,
  ttftMs,
}: ProbeReport['timings']): Step[] {
  const steps: Step[] = [];
  let at = 0;
  const until = (name: string, toMs: number): void => {
    steps.push({ name, fromMs: at, toMs: Math.max(at, toMs) });
    at = Math.max(at, toMs);
  };
  if (dnsMs !== null) until('DNS', dnsMs);
  if (tcpMs !== null) until('TCP connect', at + tcpMs);
  if (tunnelMs !== null) until('proxy tunnel', at + tunnelMs);
  if (tlsMs !== null) until('TLS handshake', at + tlsMs);
  if (writtenMs === null) return steps;
  until('request written', writtenMs);
  if (headersMs !== null) until('headers', writtenMs + headersMs);
  if (ttfbMs !== null) until('first byte', writtenMs + ttfbMs);
  if (ttftMs !== null) until('first content', writtenMs + ttftMs);
  return steps;
}

/** Eighths of a column. */
const PARTS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** @returns a bar of so many columns, to an eighth of one; what is above 0 always shows */
export function bar(columns: number): string {
  const eighths = columns > 0 ? Math.max(1, Math.round(columns * 8)) : 0;
  return '█'.repeat(Math.floor(eighths / 8)) + PARTS[eighths % 8]!;
}

/** @returns lines with name, duration, time and a bar that begins where the step before it ended */
export function waterfall(steps: readonly Step[], columns: number): string[] {
  const endMs = Math.max(steps.at(-1)?.toMs ?? 0, Number.MIN_VALUE);
  return steps.map(({ name, fromMs, toMs }) => {
    // Whole columns to begin with: a block character cannot begin within one.
    const from = Math.min(Math.floor((fromMs / endMs) * columns), columns - 1);
    const long = ((toMs - fromMs) / endMs) * columns;
    const length = long < 1 ? Math.max(long, 0.125) : (toMs / endMs) * columns - from;
    const cells = [formatDuration(toMs - fromMs), formatDuration(toMs)].map((c) => c.padStart(9));
    return `${name.padEnd(16)}${cells.join('')}  ${' '.repeat(from)}${bar(length)}`;
  });
}
