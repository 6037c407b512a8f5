import { formatDuration } from '../core/duration.ts';
import { formatCount as number } from '../core/number.ts';
import { type Capacity, rounded } from './search.ts';

/** Bound of the search: `--most`, file descriptors, or a multiple of the streams of the scenario. */
export type BoundBy = 'most' | 'descriptors' | 'scenario';

/** Context of a result. */
export interface VerdictContext {
  /** Streams of the scenario. */
  readonly asked: number;
  /** Limit for the p99 of lag, ms. */
  readonly maxLagMs: number;
  readonly boundBy: BoundBy;
}

/**
 * Returns the exit code. 0: the machine holds the streams of the scenario; 1: it holds fewer; 5: unknown, since `--most`
 * ended the search too early or another program disturbed it.
 */
export function calibrateExit(
  { streams, more, disturbed }: Capacity,
  asked: number,
  boundBy: BoundBy,
): 0 | 1 | 5 {
  if (streams >= asked) return 0;
  return disturbed || (more && boundBy === 'most') ? 5 : 1;
}

/** Returns the result in lines: the number of streams, and how to interpret it. */
export function verdictLines(
  { streams, more, disturbed }: Capacity,
  { asked, maxLagMs, boundBy }: VerdictContext,
): string[] {
  const many = more ? `${number(streams)} and perhaps more` : `about ${number(rounded(streams))}`;
  const lines = [
    `${many} streams with a p99 of lag of at most ${formatDuration(maxLagMs)}; the scenario has ${number(asked)}`,
  ];
  if (more && streams < asked && boundBy === 'most')
    lines.push(`--most ended the search at ${number(streams)}: raise it to ${number(asked)} or more`);
  if (more && streams < asked && boundBy === 'descriptors')
    lines.push(
      `file descriptors ended the search at ${number(streams)}: raise the limit (ulimit -n); each stream needs two here`,
    );
  if (disturbed)
    lines.push(
      'soakd was late although it used little CPU: another program on this machine delays it; repeat on an idle machine',
    );
  return lines;
}
