import { waitGrowthOf, waitSharesOf } from '../../analysis/bottleneck-shares.ts';
import { analysedIn, loadText } from '../analysed.ts';
import { list, paragraph } from '../blocks.ts';
import type { Content, Omitted, ReportInput, SectionRecord } from '../input.ts';
import { countText, msText, numberText, shareText } from '../text.ts';

/** Share of the wait that connects take at some level from which they are a place to begin at. */
const MIN_CONNECT_SHARE = 0.1;
const MAX_ITEMS = 100;

/** Something that the data show, and where to begin. No gain is promised: none was measured. */
export interface Opportunity {
  readonly kind: 'pool' | 'held' | 'buffered' | 'batched' | 'connect' | 'server' | 'drift';
  readonly of: string;
  readonly text: string;
}

export const optimisation: SectionRecord = {
  id: 'optimisation',
  title: 'Optimisation',
  make(input): Content | Omitted {
    const found = opportunitiesIn(input);
    if (found.length === 0)
      return {
        omitted:
          input.runs.length === 0
            ? 'A table has no data on workers, buffering, batching or the parts of a wait.'
            : "The data show no pool of workers, no buffering, no batching, no upward trend, no connects of 10 % of the wait, and no growth of the wait that is the server's. What else could be faster was not measured.",
      };
    return {
      blocks: [
        paragraph('What the data show. What a change would gain was not measured.'),
        list(found.slice(0, MAX_ITEMS).map((o) => o.text)),
        ...(found.length > MAX_ITEMS ? [paragraph(`And ${found.length - MAX_ITEMS} more in the JSON.`)] : []),
      ],
      values: found,
    };
  },
};

/** Returns what the data of a report show, by run and then by target. */
export function opportunitiesIn(input: ReportInput): Opportunity[] {
  return [
    ...input.runs.flatMap(({ summary }): Opportunity[] => [
      ...summary.bottlenecks.map(
        ({ kind, target, text }): Opportunity => ({
          kind,
          of: target,
          text:
            kind === 'pool'
              ? `${text}: raise the number of workers, or use a server that does not need one for each stream.`
              : `${text}: give each target a run of its own, or make it faster first.`,
        }),
      ),
      ...summary.bufferedTargets.map(
        ({ target, streams, of }): Opportunity => ({
          kind: 'buffered',
          of: target,
          text: `${target}: ${countText(streams)} of ${countText(of)} long responses arrived at once (${shareText(streams / of)}): something before it buffers; switch off buffering and compression in the proxy.`,
        }),
      ),
      ...summary.batchedTargets.map(
        ({ target, chunksPerRead }): Opportunity => ({
          kind: 'batched',
          of: target,
          text: `${target}: ${numberText(chunksPerRead)} chunks came in each read on average: it writes them in batches; flush after each chunk.`,
        }),
      ),
      ...summary.drift.found.map(
        ({ target, text }): Opportunity => ({ kind: 'drift', of: target ?? 'soakd', text: `${text}.` }),
      ),
    ]),
    ...analysedIn(input).flatMap(({ name, subject }): Opportunity[] => {
      const shares = waitSharesOf(subject.levels);
      if ('reason' in shares) return [];
      const worst = shares.reduce((a, b) =>
        b.connectMs / Math.max(b.waitMs, 1) > a.connectMs / Math.max(a.waitMs, 1) ? b : a,
      );
      const growth = waitGrowthOf(shares);
      return [
        ...(worst.connectMs < MIN_CONNECT_SHARE * worst.waitMs || worst.waitMs === 0
          ? []
          : [
              {
                kind: 'connect',
                of: name,
                text: `${name}: connects are ${shareText(worst.connectMs / worst.waitMs)} of the wait for the first byte at ${loadText(worst.load, subject)} (${countText(worst.connections)} new connections): keep connections open, or lengthen the backlog.`,
              } as const,
            ]),
        ...(growth?.largest !== 'server'
          ? []
          : [
              {
                kind: 'server',
                of: name,
                text: `${name}: of ${msText(growth.waitMs)} more wait for the first byte at ${loadText(growth.to.load, subject)}, at least ${msText(growth.waitMs - growth.connectMs - (growth.generatorMs ?? 0))} are the server's: see what requests queue for.`,
              } as const,
            ]),
      ];
    }),
  ];
}
