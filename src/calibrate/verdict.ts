import { formatDuration } from '../core/duration.ts';
import { formatCount as number } from '../core/number.ts';
import { type Capacity, rounded } from './search.ts';

/** What keeps more from being tried: `--most`, file descriptors, or a multiple of what the scenario asks for. */
export type BoundBy = 'most' | 'descriptors' | 'scenario';

/** What a result is told with. */
export interface VerdictContext {
  /** Streams that the scenario asks for. */
  readonly asked: number;
  /** What the p99 of lag may be, ms. */
  readonly maxLagMs: number;
  readonly boundBy: BoundBy;
}

/**
 * @returns 0: the machine holds what the scenario asks for; 1: it holds less; 5: nobody knows, since `--most` ended the
 * search below that or something else on the machine was in the way
 */
export function calibrateExit(
  { streams, more, disturbed }: Capacity,
  asked: number,
  boundBy: BoundBy,
): 0 | 1 | 5 {
  if (streams >= asked) return 0;
  return disturbed || (more && boundBy === 'most') ? 5 : 1;
}

/** @returns the result in lines: how many streams, and what is to be known about that number */
export function verdictLines(
  { streams, more, disturbed }: Capacity,
  { asked, maxLagMs, boundBy }: VerdictContext,
): string[] {
  const many = more ? `${number(streams)} and perhaps more` : `about ${number(rounded(streams))}`;
  const lines = [
    `${many} of these, with a p99 of lag of at most ${formatDuration(maxLagMs)}; you ask for ${number(asked)}`,
  ];
  if (more && streams < asked && boundBy === 'most')
    lines.push(`--most ended the search at ${number(streams)}: raise it to ${number(asked)} or more to know`);
  if (more && streams < asked && boundBy === 'descriptors')
    lines.push(
      `file descriptors ended the search at ${number(streams)}: raise the limit (ulimit -n), since a stream takes two here`,
    );
  if (disturbed)
    lines.push(
      'soakd used little CPU where it was late: something else on this machine keeps it from running in time; repeat this when the machine is quiet',
    );
  return lines;
}
