import { facts, paragraph, plotBlock, tableOf } from '../../src/document/blocks.ts';
import type { Section } from '../../src/document/document.ts';
import { bytesText, clockText, countText, msText, timeText } from '../../src/document/text.ts';
import { type Minute, memorySlope } from './minutes.ts';

/** What the bench has seen of soakd from outside. */
export interface HourSeen {
  readonly machine: string;
  readonly loadBefore: number;
  /** What else ran on the machine; empty: nothing is known of it. */
  readonly note: string;
  readonly command: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly minutes: readonly Minute[];
  /** Scrapes of Prometheus: p99 of their durations in ms, over the first and the last ten minutes, and their number. */
  readonly scrapes: { readonly first: Scrapes; readonly last: Scrapes; readonly failed: number };
  /** Alerts that fired, but for the Watchdog, which always fires. */
  readonly alerts: readonly string[];
  /** Counters that Prometheus saw fall. */
  readonly resets: number;
  readonly truth: { readonly started: number; readonly complete: number; readonly chunks: number };
  readonly counted: { readonly started: number; readonly complete: number; readonly chunks: number };
  /** Time of a kill and of the next start; `null`: none. */
  readonly kill: { readonly at: number; readonly againAt: number } | null;
}

export interface Scrapes {
  readonly n: number;
  readonly p99Ms: number | null;
}

/** The section of the report that soakd cannot write of itself. */
export function seenSection(seen: HourSeen): Section {
  const { minutes, kill, scrapes, truth, counted } = seen;
  const halfAt = kill?.againAt ?? (seen.startedAt + seen.endedAt) / 2;
  const slope = memorySlope(minutes, halfAt);
  const slopeText =
    slope === undefined
      ? 'too few readings'
      : `${slope.slope.toFixed(1)} MiB an hour, 95 % interval ${slope.interval[0].toFixed(1)} to ${slope.interval[1].toFixed(1)}, from ${clockText(halfAt)} UTC to the end`;
  const scrapeText = ({ n, p99Ms }: Scrapes): string => `${msText(p99Ms)}, n = ${n}`;
  const [first, last] = [minutes[0], minutes.at(-1)];
  const known = minutes.filter(({ rssBytes }) => rssBytes !== null);
  const peak = Math.max(...known.map(({ rssBytes }) => rssBytes!));
  return {
    id: 'soakd-itself',
    title: 'soakd itself, seen from outside',
    blocks: [
      paragraph(
        'Read by the bench that made this report: memory from /proc once a minute, scrapes and alerts from a real Prometheus with the rules of this version, streams from the ground truth of the simulator.',
      ),
      facts('What was seen.', [
        ['command', seen.command],
        ['machine', seen.machine],
        ['load average (1 min) before', seen.loadBefore.toFixed(2)],
        ...(seen.note === '' ? [] : [['beside it', seen.note] as const]),
        ['time', `${timeText(seen.startedAt)} to ${timeText(seen.endedAt)} UTC`],
        ...(kill === null
          ? []
          : [['kill -9, next start', `${timeText(kill.at)}, ${timeText(kill.againAt)} UTC`] as const]),
        ['slope of resident memory', slopeText],
        ['largest resident memory', bytesText(peak)],
        ['p99 of scrapes, first ten minutes', scrapeText(scrapes.first)],
        ['p99 of scrapes, last ten minutes', scrapeText(scrapes.last)],
        ['failed scrapes', countText(scrapes.failed)],
        [
          'database, first and last minute',
          `${bytesText(first?.databaseBytes)}, ${bytesText(last?.databaseBytes)}`,
        ],
        ['alerts that fired', seen.alerts.length === 0 ? 'none' : seen.alerts.join(', ')],
        ['counters that Prometheus saw fall', countText(seen.resets)],
        ['streams started: simulator, soakd', `${countText(truth.started)}, ${countText(counted.started)}`],
        [
          'streams complete: simulator, soakd',
          `${countText(truth.complete)}, ${countText(counted.complete)}`,
        ],
        ['chunks: simulator, soakd', `${countText(truth.chunks)}, ${countText(counted.chunks)}`],
      ]),
      plotBlock({
        id: 'soakd-memory',
        title: 'Resident memory of soakd',
        text: `Resident memory by minute: ${bytesText(known[0]?.rssBytes)} at ${clockText(known[0]?.at ?? null)}, ${bytesText(known.at(-1)?.rssBytes)} at ${clockText(known.at(-1)?.at ?? null)} UTC, largest ${bytesText(peak)}.`,
        x: { label: 'time, UTC', kind: 'time' },
        y: { label: 'MiB', from: 0 },
        series: [
          {
            name: 'resident memory',
            points: minutes.map(({ at, rssBytes }) => [at, rssBytes === null ? null : rssBytes / 2 ** 20]),
          },
        ],
        without: [],
        limits: [],
        bands: kill === null ? [] : [{ from: kill.at, to: kill.againAt, label: 'killed', tone: 'unknown' }],
        marks: [],
      }),
      tableOf(
        'Each minute.',
        [
          { title: 'time, UTC', align: 'left', cell: ({ at }: Minute) => clockText(at) },
          {
            title: 'resident memory',
            cell: ({ rssBytes }) => (rssBytes === null ? 'not running' : bytesText(rssBytes)),
          },
          { title: 'database', cell: ({ databaseBytes }) => bytesText(databaseBytes) },
        ],
        minutes,
        180,
      ),
    ],
    values: { ...seen, slope: slope ?? null },
  };
}
