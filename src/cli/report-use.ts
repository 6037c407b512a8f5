import { buildAllowlist, faultOfAllowEntry } from '../core/allow.ts';
import { SoakError } from '../core/errors.ts';
import type { ReportedRun } from '../document/input.ts';
import { checkMatchers, readTargetUse } from '../document/target-use.ts';
import { NETWORK } from '../transport/dial.ts';
import { lookUp } from '../transport/names.ts';
import { type RangeQuestion, rangeQuery } from '../transport/range-query.ts';

/** Flags on the Prometheus of the targets. */
export interface UseFlags {
  readonly prometheus?: string;
  readonly prometheusLabels?: string;
  readonly allow?: readonly string[];
}

/** Reads what the targets of a run used, for the time of each of its levels. */
export type ReadUse = (run: ReportedRun) => Promise<ReportedRun>;

/**
 * Returns what reads the use of targets from the Prometheus that the flags name; without one, runs stay as they are.
 * @throws SoakError USAGE for flags that are wrong or do not fit together
 */
export function useReader({ prometheus, prometheusLabels, allow = [] }: UseFlags): ReadUse {
  if (prometheus === undefined) {
    if (prometheusLabels === undefined && allow.length === 0) return (run) => Promise.resolve(run);
    throw new SoakError(
      'USAGE',
      `found ${prometheusLabels === undefined ? '--allow' : '--prometheus-labels'} without --prometheus, expected the URL of a Prometheus with it`,
    );
  }
  if (prometheusLabels === undefined)
    throw new SoakError(
      'USAGE',
      'found --prometheus without --prometheus-labels, expected the matchers that select the host of the targets, such as --prometheus-labels \'instance="10.0.0.5:9100"\'',
    );
  checkUrl(prometheus);
  checkMatchers(prometheusLabels);
  for (const entry of allow) {
    const fault = faultOfAllowEntry(entry);
    if (fault !== undefined)
      throw new SoakError('USAGE', `found --allow ${JSON.stringify(entry.slice(0, 100))}, but ${fault}`);
  }
  const options = { allowlist: buildAllowlist(allow), network: NETWORK, lookup: lookUp };
  const ask = (question: RangeQuestion) => rangeQuery(prometheus, question, options);
  return async (run) => ({ ...run, ...(await readTargetUse(run.subjects, prometheusLabels, ask)) });
}

function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isHttp = url !== null && /^https?:$/.test(url.protocol);
  if (isHttp && url.username === '' && url.password === '' && url.search === '') return;
  throw new SoakError(
    'USAGE',
    `--prometheus: found ${isHttp ? 'a URL with a user or a query' : JSON.stringify(text.slice(0, 100))}, expected the URL of a Prometheus, such as http://127.0.0.1:9090`,
  );
}
