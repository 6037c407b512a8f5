import {
  type WaitGrowth,
  type WaitShares,
  waitGrowthOf,
  waitSharesOf,
} from '../../analysis/bottleneck-shares.ts';
import type { Block } from '../../schema/report.ts';
import { analysedIn, detailed, loadText, MAX_ROWS, ofColumn } from '../analysed.ts';
import { heading, list, paragraph, tableOf } from '../blocks.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import { countText, msText, shareText } from '../text.ts';

/** What the wait for the first byte consists of. */
export const bottleneck: SectionRecord = {
  id: 'bottleneck',
  title: 'Bottleneck',
  make(input): Content | Omitted {
    const subjects = analysedIn(input).map((a) => ({ ...a, shares: waitSharesOf(a.subject.levels) }));
    const known = subjects.flatMap(({ shares, ...a }) =>
      'reason' in shares ? [] : [{ ...a, shares, growth: waitGrowthOf(shares) }],
    );
    const texts = input.runs.flatMap(({ summary }) => summary.bottlenecks.map((b) => b.text));
    if (known.length === 0 && texts.length === 0) {
      const reasons = subjects.flatMap(({ shares }) => ('reason' in shares ? [shares.reason] : []));
      return { omitted: `Not computed: ${[...new Set(reasons)].join('; ') || 'there are no targets'}.` };
    }
    const { shown, more } = detailed(known, (k) => k);
    return {
      blocks: [
        ...(texts.length === 0 ? [] : [paragraph('What held up the streams:'), list(texts.slice(0, 50))]),
        tableOf(
          'Growth of the wait for the first byte from the lowest load to the highest, and what grew most. Means.',
          [
            ...ofColumn(input),
            { title: 'wait, lowest load', cell: (k) => msText(k.growth?.from.waitMs ?? k.shares[0]?.waitMs) },
            { title: 'wait, highest load', cell: (k) => msText(k.growth?.to.waitMs) },
            { title: 'of the growth: connects', cell: (k) => signedText(k.growth?.connectMs) },
            { title: 'soakd, at most', cell: (k) => msText(k.growth?.generatorMs) },
            { title: 'largest part', align: 'left', cell: (k) => growthText(k.growth) },
          ],
          known,
          MAX_ROWS,
        ),
        ...(more === '' ? [] : [paragraph(more)]),
        ...shown.flatMap((k): Block[] => [
          ...(known.length > 1 ? [heading(k.name)] : []),
          tableOf<WaitShares>(
            `${k.name}: mean wait from the start of a stream to its first byte.`,
            [
              { title: 'load', cell: (s) => loadText(s.load, k.subject) },
              {
                title: 'n',
                note: 'n: streams with a first byte, which may be others than those that ended in the level.',
                cell: (s) => countText(s.n),
              },
              { title: 'wait', cell: (s) => msText(s.waitMs) },
              {
                title: 'connect',
                note: 'Connect: new connections, spread over all streams.',
                cell: (s) => partText(s.connectMs, s.waitMs),
              },
              { title: 'new connections', cell: (s) => countText(s.connections) },
              {
                title: 'soakd, at most',
                note: 'soakd: the p99 of its own lag, which is a part of TTFB.',
                cell: (s) => partText(s.generatorMs, s.waitMs),
              },
              {
                title: 'server, at least',
                note: 'Server: the rest of TTFB, between its smallest and its largest value.',
                cell: (s) => partText(s.serverMinMs, s.waitMs),
              },
              { title: 'server, at most', cell: (s) => partText(s.serverMaxMs, s.waitMs) },
              {
                title: 'until the headers',
                note: 'Until the headers: mean time from the written request to the response headers, which is a part of TTFB; the rest of TTFB is the wait for the first byte of the body.',
                cell: (s) => msText(s.headersMs),
              },
            ],
            k.shares.toSorted((a, b) => a.load - b.load),
            MAX_ROWS,
          ),
        ]),
      ],
      values: {
        bottlenecks: texts,
        waits: known.map(({ name, shares, growth }) => ({ of: name, shares, growth })),
      },
    };
  },
};

function signedText(ms: number | undefined): string {
  return ms !== undefined && ms < 0 ? `−${msText(-ms)}` : msText(ms);
}

function partText(part: number | null, of: number): string {
  return part === null || of === 0 ? 'not known' : `${msText(part)} (${shareText(part / of)})`;
}

const GROWN = {
  connect: 'new connections',
  server: 'the server',
  unknown: "soakd's own lag could explain it: not known",
  none: 'the wait did not grow by 10 % or more',
} as const;

function growthText(growth: WaitGrowth | null): string {
  return growth === null ? 'one load: no growth is known' : GROWN[growth.largest];
}
