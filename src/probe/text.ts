import { formatDuration } from '../core/duration.ts';
import { formatCount } from '../core/number.ts';
import type { Terminal } from '../core/target.ts';
import { wrap } from '../core/wrap.ts';
import { histogramOf, overTime } from './gaps.ts';
import type { Probed } from './probe.ts';
import type { Gap, ProbeReport, ReportedChunk } from './report.ts';
import { cut, cutMiddle, fold, visible } from './visible.ts';

/** Columns of a line. */
const WIDTH = 96;
const BAR_COLUMNS = 40;
const LABEL = 12;

const MARKS = { success: '✓', failed: '✗', cancelled: '–', lost: '?' } as const;

/**
 * Returns the whole report as text, in lines of at most 100 columns except for the configuration to paste.
 */
export function probeText({ report, gaps }: Probed): string {
  return [
    '',
    ...headLines(report),
    '',
    ...section('time', timeLines(report)),
    ...section('received', receivedLines(report)),
    ...section('gaps', gapLines(report, gaps)),
    ...section(report.chunks > 0 ? 'chunks' : 'body', chunkLines(report)),
    ...section('format', formatLines(report)),
    ...section(
      'notes',
      report.notes.flatMap((note) => bullet(note)),
    ),
    ...configurationLines(report),
  ].join('\n');
}

function headLines({ method, url, response, result, outcome, meaning, detail }: ProbeReport): string[] {
  const answer =
    response === null
      ? 'no response'
      : [
          String(response.status),
          response.contentType ?? 'no content-type',
          ...(response.server === null ? [] : [`server ${response.server}`]),
        ]
          .map((part) => cut(visible(part), 60))
          .join(' · ');
  const why = detail === null ? [] : wrap(cut(visible(detail), 300), WIDTH - 4).map((line) => `    ${line}`);
  return [
    `  ${cut(`${method} ${url}`, WIDTH - 2)}`,
    `  ${answer}`,
    '',
    ...wrap(`${MARKS[result]} ${outcome}: ${meaning}`, WIDTH - 2).map((line) => `  ${line}`),
    ...why,
  ];
}

/** Lines with a label before the first, and an empty one behind the last. */
function section(label: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const indent = ' '.repeat(LABEL + 2);
  return [
    ...lines.map((line, i) => (i === 0 ? `  ${label.padEnd(LABEL)}${line}` : indent + line).trimEnd()),
    '',
  ];
}

function timeLines({ timings, chunks }: ProbeReport): string[] {
  const { headersMs, ttfbMs, ttftMs, lastChunkMs, durationMs } = timings;
  const steps = stepsOf(timings);
  const fromWritten = [
    ...(headersMs === null ? [] : [`headers ${formatDuration(headersMs)}`]),
    ...(ttfbMs === null ? [] : [`TTFB ${formatDuration(ttfbMs)}`]),
    ...(ttftMs === null ? [] : [`TTFT ${formatDuration(ttftMs)}`]),
  ];
  const row = (name: string, ms: number): string => `${name.padEnd(25)}${formatDuration(ms).padStart(9)}`;
  return [
    ...(steps.length === 0 ? [] : [`${''.padEnd(16)}${'took'.padStart(9)}${'at'.padStart(9)}`]),
    ...waterfall(steps, BAR_COLUMNS),
    ...(lastChunkMs === null || chunks < 2 ? [] : [row('last chunk', lastChunkMs)]),
    row('end', durationMs),
    ...(fromWritten.length === 0 ? [] : ['', `${fromWritten.join(', ')}, counted from the written request`]),
  ];
}

const BLOCKS = '▁▂▃▄▅▆▇█';

function receivedLines({ chunks, reads, bytes, contentCharacters, keepalives }: ProbeReport): string[] {
  if (bytes === 0) return [];
  const size = `${counted(bytes, 'byte')} in ${counted(reads, 'read')}`;
  if (chunks === 0 && keepalives === 0) return [size];
  const kept = keepalives > 0 ? `, ${counted(keepalives, 'keep-alive')}` : '';
  return [
    `${counted(chunks, 'chunk')} with ${counted(contentCharacters, 'character')} of content${kept}; ${size}`,
  ];
}

function counted(n: number, noun: string): string {
  return `${formatCount(n)} ${noun}${n === 1 ? '' : 's'}`;
}

function gapLines({ gapMs }: ProbeReport, gaps: readonly Gap[]): string[] {
  if (gaps.length === 0) return [];
  const line = overTime(gaps, 60);
  const most = Math.max(...line, Number.MIN_VALUE);
  const spark = line.map((ms) => BLOCKS[Math.round((ms / most) * (BLOCKS.length - 1))]!);
  const bars = histogramOf(gaps);
  const highest = Math.max(...bars.map((b) => b.count));
  return [
    `median ${formatDuration(gapMs.p50!)}, p95 ${formatDuration(gapMs.p95!)}, longest ${formatDuration(gapMs.max!)}`,
    ...bars.map(({ aboveMs, upToMs, count }) => {
      const range =
        aboveMs === 0
          ? `up to ${formatDuration(upToMs)}`
          : `${formatDuration(aboveMs)} – ${formatDuration(upToMs)}`;
      return `${range.padStart(16)}${formatCount(count).padStart(9)}  ${bar((count / highest) * BAR_COLUMNS)}`;
    }),
    ...(line.length < 3 || gapMs.max === 0
      ? []
      : [
          '',
          spark.join(''),
          'gaps over time, first chunk to last; each bar is the longest gap in its slice',
        ]),
  ];
}

function chunkLines({ firstChunks, lastChunk }: ProbeReport): string[] {
  const last = lastChunk !== null && lastChunk.number > firstChunks.length ? lastChunk : undefined;
  const skipped = last !== undefined && last.number > firstChunks.length + 1;
  return [
    ...firstChunks.flatMap((chunk) => linesOfChunk(chunk)),
    ...(skipped ? ['    …'] : []),
    ...(last === undefined ? [] : linesOfChunk(last)),
  ];
}

/** At most two lines: enough for what an LLM sends for a token. */
function linesOfChunk({ number, atMs, event, text, bytes }: ReportedChunk): string[] {
  const head = `${String(number).padStart(5)} ${formatDuration(atMs).padStart(8)}  `;
  const width = WIDTH - LABEL - 2 - head.length;
  const name = event === undefined ? '' : `${cut(event, 40)}: `;
  const size = bytes > 2 * width ? ` (${counted(bytes, 'byte')})` : '';
  const lines = fold(name + cutMiddle(text, 2 * width - name.length - size.length) + size, width);
  return lines.map((line, i) => (i === 0 ? head : ' '.repeat(head.length)) + line);
}

function endText(terminal: Terminal): string {
  switch (terminal.kind) {
    case 'data':
      return terminal.data;
    case 'event':
      return `the event ${terminal.event}`;
    case 'path':
      return terminal.path;
    case 'end':
      return 'the end of the body';
    case 'finish':
      return 'its finish reasons';
  }
}

function formatLines({ format, formatGiven, looksLike, terminal }: ProbeReport): string[] {
  const end = terminal === null ? '' : `, ends with ${endText(terminal)}`;
  const reasons = looksLike === null ? [] : looksLike.reasons.flatMap((reason) => bullet(reason));
  if (formatGiven) {
    const agrees = looksLike === null || looksLike.format === format;
    return agrees
      ? [`${format}, as given${visible(end)}`]
      : [`${format}, as given, but it looks like ${looksLike.format ?? 'no stream'}`, ...reasons];
  }
  if (looksLike === null) return [];
  return [`${looksLike.format ?? 'no stream'}${visible(end)}`, ...reasons];
}

function bullet(text: string): string[] {
  return wrap(visible(text), WIDTH - LABEL - 4).map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`));
}

function configurationLines({ configuration }: ProbeReport): string[] {
  if (configuration === null)
    return ['  no target to suggest: the probe found no stream that soakd could load', ''];
  return ['  a soakd.yaml with this target, ready to paste:', '', configuration];
}

/** A step on the way to the first content; ms from the start of the stream. */
interface Step {
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
