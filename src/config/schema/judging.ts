import type { EventMatcher, Expectations, Terminal, Timeouts } from '../../core/scenario.ts';
import { isMapping } from '../describe.ts';
import { choose, complain, Fault, mapping, scalar } from './combinators.ts';
import { duration, durationText, LONGEST_TIMER_MS, size, text, whole } from './scalars.ts';

/** Words of `terminal:` that are no data; `{ data: end }` is the literal text. */
const ENDS: readonly string[] = ['end', 'finish'] satisfies Terminal['kind'][];

const terminalText = text('a text that ends the stream, such as "[DONE]"').transform(
  (data): Terminal => (ENDS.includes(data) ? { kind: data as 'end' | 'finish' } : { kind: 'data', data }),
);

const errorText = text('the data of an event by which a failure is reported').transform(
  (data): EventMatcher => ({ kind: 'data', data }),
);

const matcherMapping = mapping({
  data: text('the data of an event').optional(),
  event: text('the name of an event').optional(),
  path: text('a path such as choices.0.finish_reason', (value) =>
    value.split('.').includes('')
      ? new Fault(
          'a path such as choices.0.finish_reason',
          'write keys and indexes with single dots between them',
        )
      : undefined,
  ).optional(),
  equals: scalar((value): string | number | boolean | Fault =>
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
      ? value
      : new Fault('a text, a number or true or false', 'write the value at the path'),
  ).optional(),
}).transform(({ data, event, path, equals }, ctx): EventMatcher => {
  const given = Object.entries({ data, event, path }).filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    const names = given.map(([key]) => key).join(' and ');
    complain(ctx, {
      found: given.length === 0 ? 'none of data, event and path' : `both ${names}`,
      expected: 'one of them',
      advice: given.length === 0 ? 'write for example { event: done }' : 'keep one of them',
    });
  } else if (path === undefined && equals !== undefined) {
    complain(ctx, {
      path: ['equals'],
      at: 'key',
      found: `equals beside ${given[0]![0]}`,
      expected: 'it beside path only',
      advice: 'remove it',
    });
  }
  if (event !== undefined) return { kind: 'event', event };
  if (data !== undefined) return { kind: 'data', data };
  return equals === undefined
    ? { kind: 'path', path: path ?? '' }
    : { kind: 'path', path: path ?? '', equals };
});

export const terminal = choose<Terminal>([terminalText, matcherMapping], (value) =>
  isMapping(value) ? matcherMapping : terminalText,
);

export const errorMatcher = choose<EventMatcher>([errorText, matcherMapping], (value) =>
  isMapping(value) ? matcherMapping : errorText,
);

const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/;

const expectMapping = mapping({
  minChunks: whole(0).default(0),
  minBytes: size().default(0),
  minCharacters: whole(0).default(0),
  contentType: text('a media type such as text/event-stream', (value) =>
    MEDIA_TYPE.test(value) && !value.includes('*')
      ? undefined
      : new Fault('a media type such as text/event-stream', 'write type/subtype without parameters'),
  ).optional(),
}).transform(
  ({ contentType, ...minimum }): Expectations =>
    contentType === undefined ? minimum : { ...minimum, contentType: contentType.toLowerCase() },
);

/** What the seed demanded of every answer. */
const expectSeed = scalar((value): Expectations | Fault =>
  value === 'seed'
    ? { minChunks: 10, minBytes: 1024, minCharacters: 0 }
    : new Fault(
        'seed or a mapping with keys of contentType, minBytes, minCharacters, minChunks',
        'write for example { minChunks: 10 }',
      ),
);

export const expectations = choose<Expectations>([expectSeed, expectMapping], (value) =>
  isMapping(value) ? expectMapping : expectSeed,
);

const limit = () => duration({ maxMs: LONGEST_TIMER_MS }).optional();

export const timeouts = mapping({
  connect: limit(),
  ttfb: limit(),
  idle: limit(),
  stall: limit(),
  total: limit(),
  linger: duration({ zero: true, maxMs: LONGEST_TIMER_MS }).default(1000),
}).transform((given, ctx): Timeouts => {
  const totalMs = given.total ?? 300_000;
  for (const key of ['connect', 'ttfb', 'idle'] as const) {
    const value = given[key];
    if (value === undefined || value <= totalMs) continue;
    const total = `${durationText(totalMs)}${given.total === undefined ? ' by default' : ''}`;
    complain(ctx, {
      path: [key],
      expected: `at most the total timeout (${total})`,
      advice: `lower it, or set total: ${durationText(value)} or longer`,
    });
  }
  const idleMs = given.idle ?? Math.min(30_000, totalMs);
  if (given.stall !== undefined && given.stall >= idleMs) {
    complain(ctx, {
      path: ['stall'],
      expected: `less than the idle timeout (${durationText(idleMs)})`,
      advice: 'lower it, or raise idle:',
    });
  }
  // A default is not the user's word: a total that is set below it takes it along.
  return {
    connectMs: given.connect ?? Math.min(10_000, totalMs),
    ttfbMs: given.ttfb ?? Math.min(30_000, totalMs),
    idleMs,
    ...(given.stall === undefined ? {} : { stallMs: given.stall }),
    totalMs,
    lingerMs: given.linger,
  };
});
