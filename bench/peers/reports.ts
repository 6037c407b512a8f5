import type { Times } from './times.ts';

/** Reads what a tool says of the time to the first byte out of its own output. */
export type Report = (output: string) => Times;

/** What a tool tells is told wrong or not at all where this throws: never taken for 0. */
function found(value: number | undefined, what: string): number {
  if (value === undefined || !Number.isFinite(value)) throw new Error(`${what} is not in the output`);
  return value;
}

/** For tools that do not tell it. */
export const noReport: Report = () => ({});

/** The last line of `soakd run --json`; where there is but one line, all of it. */
export const soakdReport: Report = (output) => {
  const text = output.trim();
  const summary = JSON.parse(text.startsWith('{\n') ? text : text.slice(text.lastIndexOf('\n') + 1)) as {
    ttfbMs: { mean: number; p50: number; p99: number };
  };
  const { mean, p50, p99 } = summary.ttfbMs;
  return { mean: found(mean, 'ttfbMs.mean'), p50: found(p50, 'ttfbMs.p50'), p99: found(p99, 'ttfbMs.p99') };
};

/** What our aiohttp script prints. */
export const aiohttpReport: Report = (output) => {
  const { mean, p50, p99 } = JSON.parse(output) as Record<'mean' | 'p50' | 'p99', number>;
  return { mean: found(mean, 'mean'), p50: found(p50, 'p50'), p99: found(p99, 'p99') };
};

const UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

/** `time to 1st byte:  min  max  mean  sd  +/- sd` */
export const h2loadReport: Report = (output) => {
  const columns = /^time to 1st byte:\s+(.+)$/m.exec(output)?.[1]?.trim().split(/\s+/);
  const match = /^([\d.]+)(us|ms|s)$/.exec(columns?.[2] ?? '');
  return {
    mean: found(match === null ? undefined : Number(match[1]) * UNIT_MS[match[2]!]!, 'time to 1st byte'),
  };
};

/** `resp wait: average, fastest, slowest` in seconds */
export const heyReport: Report = (output) => {
  const match = /^\s*resp wait:\s+([\d.]+) secs/m.exec(output);
  return { mean: found(match === null ? undefined : Number(match[1]) * 1000, 'resp wait') };
};

interface LocustEntry {
  readonly num_requests: number;
  readonly total_response_time: number;
  /** Requests by time, ms. */
  readonly response_times: Readonly<Record<string, number>>;
}

/** `locust --json`: one entry for each name; its percentiles are reckoned from these counts, as it does. */
export const locustReport: Report = (output) => {
  const [entry] = JSON.parse(output) as LocustEntry[];
  if (entry === undefined) throw new Error('no requests are in the output');
  const counts = Object.entries(entry.response_times)
    .map(([ms, count]) => [Number(ms), count] as const)
    .sort(([a], [b]) => a - b);
  const share = (p: number): number => {
    let seen = 0;
    for (const [ms, count] of counts) {
      seen += count;
      if (seen >= p * entry.num_requests) return ms;
    }
    return Number.NaN;
  };
  return {
    mean: found(entry.total_response_time / entry.num_requests, 'total_response_time'),
    p50: found(share(0.5), 'response_times'),
    p99: found(share(0.99), 'response_times'),
  };
};

/** The report file of Artillery. */
export const artilleryReport: Report = (output) => {
  const { aggregate } = JSON.parse(output) as {
    aggregate: { summaries: Readonly<Record<string, { mean: number; p50: number; p99: number }>> };
  };
  const times = aggregate.summaries['http.response_time'];
  return {
    mean: found(times?.mean, 'http.response_time.mean'),
    p50: found(times?.p50, 'http.response_time.p50'),
    p99: found(times?.p99, 'http.response_time.p99'),
  };
};

/** The file of `k6 run --summary-export`. */
export const k6Report: Report = (output) => {
  const { metrics } = JSON.parse(output) as { metrics: Readonly<Record<string, Record<string, number>>> };
  const times = metrics.http_req_waiting;
  return {
    mean: found(times?.avg, 'http_req_waiting.avg'),
    p50: found(times?.med, 'http_req_waiting.med'),
    p99: found(times?.['p(99)'], 'http_req_waiting.p(99)'),
  };
};
