import type { z } from 'zod';
import { METRICS } from '../../catalog/metrics.ts';
import type { SecretText } from '../../core/secret-text.ts';
import type { MemorySource, Objective, Target } from '../../core/target.ts';
import { FORMATS } from '../../formats/list.ts';
import { duration as durationRecord } from '../../measures/duration.ts';
import { gap as gapRecord } from '../../measures/gap.ts';
import { tpot as tpotRecord } from '../../measures/tpot.ts';
import { ttft as ttftRecord } from '../../measures/ttft.ts';
import { quote } from '../describe.ts';
import { errorMatcher, expectations, terminal, timeouts } from './classifying.ts';
import { dictionary, Fault, mapping, scalar } from './combinators.ts';
import { CONNECT_CHECKS } from './connect-checks.ts';
import { CONNECT_KEYS, connectOptionsOf } from './connect-options.ts';
import { body, connection, headers, method, prompts, readUrl, url } from './http.ts';
import { duration, name, oneOf, size, text } from './scalars.ts';
import { withStandIn } from './secret-text.ts';
import { simulator } from './simulator.ts';
import { endOf, formatOf, TARGET_CHECKS } from './target-checks.ts';
import { targetThresholds, thresholdsOf } from './thresholds.ts';

const WANTED = 'the URL of a Prometheus such as http://127.0.0.1:9090';
/** Maximum length of a PromQL query, characters. */
const MAX_LENGTH = 2000;

const prometheusUrl = scalar(
  (value): string | Fault => {
    const url = readUrl(value);
    if (url instanceof Fault) return new Fault(WANTED, url.advice, url.found);
    if (url.search !== '')
      return new Fault(WANTED, 'write the query under query:', 'a URL with a query of its own');
    return url.href;
  },
  { type: 'string', format: 'uri', description: WANTED },
);

/** Prometheus query for the resident memory of a target. */
const memory = mapping(
  {
    prometheus: prometheusUrl,
    query: text('PromQL that gives one series, in bytes', (query) =>
      query.length > MAX_LENGTH
        ? new Fault(`at most ${MAX_LENGTH}`, 'make it a recording rule', `${query.length} characters`)
        : undefined,
    ),
  },
  'write for example { prometheus: "http://127.0.0.1:9090", query: "process_resident_memory_bytes{job=\'app\'}" }',
).transform((given): MemorySource => given);

/** Labels that soakd, its rules or Prometheus add to the same series. */
export const RESERVED_LABELS: readonly string[] = [
  ...new Set([
    ...Object.values(METRICS).flatMap(({ labels }) => (labels.includes('target') ? labels : [])),
    ...['le', 'scenario', 'run', 'version', 'level', 'verdict', 'schedule', 'instance', 'job', 'pod'],
  ]),
];

function faultOfLabel(label: string): Fault | undefined {
  const found = `the label ${quote(label)}`;
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label)) {
    return new Fault(
      'a name of letters, digits and "_" that does not begin with a digit',
      'rename it',
      found,
    );
  }
  if (label.startsWith('__'))
    return new Fault('a name that does not begin with "__" (kept for Prometheus)', 'rename it', found);
  if (RESERVED_LABELS.includes(label))
    return new Fault("a name that soakd's own metrics do not use", 'rename it', found);
  return undefined;
}

const labels = dictionary(
  faultOfLabel,
  text('a string, as the value of a label'),
  'a mapping of label names to values',
  'write for example { region: eu }',
).default({});

/** Limits of a good stream. */
const objective = mapping(
  {
    ttft: duration({ exampleMs: ttftRecord.usualMs }).optional(),
    maxGap: duration({ exampleMs: gapRecord.usualMs }).optional(),
    tpot: duration({ exampleMs: tpotRecord.usualMs }).optional(),
    duration: duration({ exampleMs: durationRecord.usualMs }).optional(),
  },
  {
    checks: [
      function* (_, written) {
        if (Object.keys(written).length > 0) return;
        const expected = 'at least one of duration, maxGap, tpot, ttft';
        yield new Fault(expected, 'write for example { ttft: 2s }', 'an objective without a limit');
      },
    ],
  },
).transform(
  ({ ttft, maxGap, tpot, duration: whole }): Objective => ({
    ttftMs: ttft,
    maxGapMs: maxGap,
    tpotMs: tpot,
    durationMs: whole,
  }),
);

const KEYS = {
  name: name(),
  url: url.optional(),
  simulator: simulator.optional(),
  method: method.optional(),
  headers: headers.default({}),
  body: body.optional(),
  prompts: prompts.optional(),
  format: oneOf(FORMATS).optional(),
  terminal: terminal.optional(),
  error: errorMatcher.optional(),
  maxEvent: size().optional(),
  objective: objective.optional(),
  expect: expectations.default({ minChunks: 0, minBytes: 0, minCharacters: 0 }),
  timeouts: timeouts.prefault({}),
  connection,
  ...CONNECT_KEYS,
  keepTail: size().optional(),
  labels,
  memory: memory.optional(),
  thresholds: targetThresholds.default({}),
};

export const target = mapping(KEYS, {
  advice: 'write for example { name: assistant, url: https://llm.example.com/ }',
  checks: [...TARGET_CHECKS, ...CONNECT_CHECKS],
});

export type GivenTarget = z.output<typeof target>;

/** @param prompts of the target, from its file if there is one */
export function targetOf(given: GivenTarget, prompts: readonly string[]): Target {
  const { url: href, simulator: simulated } = given;
  const options = simulated?.withFormat(given.format);
  const format = formatOf(given);
  const end = endOf(given);
  const sent = given.body;
  const connectOptions = connectOptionsOf(given);
  const contentType = given.headers['content-type'];
  const json = sent?.kind === 'json';
  return {
    name: given.name,
    endpoint:
      options === undefined
        ? { kind: 'url' as const, url: href ?? '' }
        : { kind: 'simulator' as const, options: { ...options } },
    method: given.method ?? (sent === undefined ? 'GET' : 'POST'),
    headers:
      json && contentType === undefined
        ? { ...given.headers, 'content-type': ['application/json'] }
        : given.headers,
    prompts,
    format,
    expect: given.expect,
    objective: given.objective,
    timeouts: given.timeouts,
    connection: given.connection,
    labels: given.labels,
    thresholds: thresholdsOf(given.thresholds),
    terminal: end,
    error: given.error,
    maxEventBytes: given.maxEvent,
    ...connectOptions,
    memory: given.memory,
    keepTailBytes: given.keepTail,
    body: sent && { text: sent.text, json: json || isJson(sent.text, contentType) },
  };
}

/** Returns whether values in a text must be escaped for JSON: by its content type, or because it parses as JSON. */
function isJson(text: SecretText, contentType: SecretText | undefined): boolean {
  const type = contentType === undefined ? '' : withStandIn(contentType, '');
  if (/^\s*[^;]*[/+]json\s*(;|$)/i.test(type)) return true;
  try {
    // 0 is valid both inside a string and as a value.
    JSON.parse(withStandIn(text, '0'));
    return true;
  } catch {
    return false;
  }
}
