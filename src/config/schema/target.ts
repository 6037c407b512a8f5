import type { SecretText, Target, Terminal } from '../../core/scenario.ts';
import { MAX_MAX_EVENT_BYTES } from '../../formats/limits.ts';
import { FORMATS, formatNamed } from '../../formats/list.ts';
import { complain, mapping } from './combinators.ts';
import { body, connection, headers, method, prompts, url } from './http.ts';
import { errorMatcher, expectations, terminal, timeouts } from './judging.ts';
import { labels } from './labels.ts';
import { memory } from './memory.ts';
import { objective } from './objective.ts';
import { REACH_KEYS, reachOf } from './reach.ts';
import { name, oneOf, size } from './scalars.ts';
import { withStandIn } from './secret-text.ts';
import { simulator } from './simulator.ts';
import { targetThresholds } from './thresholds.ts';

/** Of each kept failure, bytes. */
const LONGEST_TAIL = 4096;

/** A target before what lies outside its own mapping is added: the prompts of a file, the labels of others. */
export type TargetDraft = Omit<Target, 'prompts'> & {
  readonly prompts: readonly string[] | { readonly file: string };
};

export const target = mapping(
  {
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
    ...REACH_KEYS,
    keepTail: size().optional(),
    labels,
    memory: memory.optional(),
    thresholds: targetThresholds.default([]),
  },
  'write for example { name: assistant, url: https://llm.example.com/ }',
).transform((given, ctx): TargetDraft => {
  const { url: href, simulator: simulated } = given;
  if ((href === undefined) === (simulated === undefined)) {
    complain(ctx, {
      found: href === undefined ? 'neither url nor simulator' : 'both url and simulator',
      expected: 'exactly one of them',
      advice: href === undefined ? 'add url: or simulator:' : 'remove one of them',
    });
  }
  const options = simulated?.withFormat(given.format);
  const format = given.format ?? options?.format ?? 'sse';
  const end = given.terminal ?? (options === undefined ? undefined : formatNamed(format).terminals.usual);
  if (end !== undefined) checkMatcher('terminal', end, format, ctx);
  if (given.error !== undefined) checkMatcher('error', given.error, format, ctx);

  if (given.maxEvent !== undefined && (given.maxEvent < 1 || given.maxEvent > MAX_MAX_EVENT_BYTES)) {
    complain(ctx, { path: ['maxEvent'], expected: 'from 1 byte to 64MiB', advice: 'write for example 4MiB' });
  }
  if (given.keepTail !== undefined && given.keepTail > LONGEST_TAIL) {
    complain(ctx, { path: ['keepTail'], expected: 'at most 4KiB', advice: 'lower it' });
  }

  const sent = given.body;
  const asks = sent !== undefined && withStandIn(sent.text, '').includes('{{prompt}}');
  if (asks && given.prompts === undefined) {
    complain(ctx, {
      path: ['body'],
      found: '{{prompt}} without prompts',
      expected: 'prompts to draw it from',
      advice: 'add prompts:',
    });
  }
  if (!asks && given.prompts !== undefined) {
    complain(ctx, {
      path: ['prompts'],
      at: 'key',
      found: 'prompts that nothing uses',
      expected: '{{prompt}} in the body',
      advice: 'put it there, or remove prompts',
    });
  }

  const reach = reachOf(
    given,
    {
      url: href,
      simulated: simulated !== undefined,
      ownAuthorization: given.headers.authorization !== undefined,
    },
    ctx,
  );
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
    ...reach,
    ...(given.memory === undefined ? {} : { memory: given.memory }),
    ...(given.keepTail === undefined ? {} : { keepTailBytes: given.keepTail }),
  };
  if (sent === undefined) return draft;
  return { ...draft, body: { text: sent.text, json: json || isJson(sent.text, contentType) } };
});

/** How each kind of end, or of failure, is written. */
const WRITTEN: Readonly<Record<Terminal['kind'], string>> = {
  data: 'a text such as "[DONE]"',
  event: '{ event: done }',
  path: '{ path: done }',
  end: 'end',
  finish: 'finish',
};

function checkMatcher(key: 'terminal' | 'error', given: Terminal, name: string, ctx: unknown): void {
  const format = formatNamed(name);
  const kinds: readonly Terminal['kind'][] = key === 'terminal' ? format.terminals.kinds : format.errors;
  if (kinds.includes(given.kind)) return;
  if (kinds.length === 0) {
    complain(ctx, {
      path: [key],
      at: 'key',
      found: `${key} beside format ${name}`,
      expected: 'none, since the format has its own',
      advice: 'remove it',
    });
    return;
  }
  const ways = kinds.map((kind) => WRITTEN[kind]).join(' or ');
  complain(ctx, {
    path: [key],
    expected: `${ways}, beside format ${name}`,
    advice: `write ${ways}, or set another format:`,
  });
}

/** Whether what is put into a text must be escaped for JSON: by its content type, or because it reads as JSON. */
function isJson(text: SecretText, contentType: SecretText | undefined): boolean {
  const type = contentType === undefined ? '' : withStandIn(contentType, '');
  if (/^\s*[^;]*[/+]json\s*(;|$)/i.test(type)) return true;
  try {
    // 0 fits both inside a string and where a value belongs.
    JSON.parse(withStandIn(text, '0'));
    return true;
  } catch {
    return false;
  }
}
