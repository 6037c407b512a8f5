import type { SecretText, Target } from '../../core/scenario.ts';
import { FORMATS } from '../../formats/list.ts';
import { errorMatcher, expectations, terminal, timeouts } from './classifying.ts';
import { CONNECT_CHECKS } from './connect-checks.ts';
import { CONNECT_KEYS, connectOptionsOf } from './connect-options.ts';
import { body, connection, headers, method, prompts, url } from './http.ts';
import { labels } from './labels.ts';
import { mapping } from './mapping.ts';
import { memory } from './memory.ts';
import { objective } from './objective.ts';
import { name, oneOf, size } from './scalars.ts';
import { withStandIn } from './secret-text.ts';
import { simulator } from './simulator.ts';
import { endOf, formatOf, TARGET_CHECKS } from './target-checks.ts';
import { targetThresholds } from './thresholds.ts';

/** Target without data from outside its mapping: prompts of a file, labels of other targets. */
export type TargetDraft = Omit<Target, 'prompts'> & {
  readonly prompts: readonly string[] | { readonly file: string };
};

/** The keys of a target. */
export const TARGET_KEYS = {
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
  thresholds: targetThresholds.default([]),
};

export const target = mapping(TARGET_KEYS, {
  advice: 'write for example { name: assistant, url: https://llm.example.com/ }',
  checks: [...TARGET_CHECKS, ...CONNECT_CHECKS],
}).transform((given): TargetDraft => {
  const { url: href, simulator: simulated } = given;
  const options = simulated?.withFormat(given.format);
  const format = formatOf(given);
  const end = endOf(given);
  const sent = given.body;
  const connectOptions = connectOptionsOf(given);
  const contentType = given.headers['content-type'];
  const json = sent?.kind === 'json';
  const draft = {
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
    prompts: given.prompts ?? [],
    format,
    expect: given.expect,
    ...(given.objective === undefined ? {} : { objective: given.objective }),
    timeouts: given.timeouts,
    connection: given.connection,
    labels: given.labels,
    thresholds: given.thresholds,
    ...(end === undefined ? {} : { terminal: end }),
    ...(given.error === undefined ? {} : { error: given.error }),
    ...(given.maxEvent === undefined ? {} : { maxEventBytes: given.maxEvent }),
    ...connectOptions,
    ...(given.memory === undefined ? {} : { memory: given.memory }),
    ...(given.keepTail === undefined ? {} : { keepTailBytes: given.keepTail }),
  };
  if (sent === undefined) return draft;
  return { ...draft, body: { text: sent.text, json: json || isJson(sent.text, contentType) } };
});

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
