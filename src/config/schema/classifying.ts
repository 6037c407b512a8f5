import type { EventMatcher, Expectations, Terminal, Timeouts } from '../../core/target.ts';
import { isMapping } from '../describe.ts';
import { choose, Fault, mapping, scalar } from './combinators.ts';
import { duration, durationText, MAX_TIMER_MS, size, text, whole } from './scalars.ts';

/** Keywords of `terminal:`; `{ data: end }` is the literal text. */
const ENDS: readonly string[] = ['end', 'finish'] satisfies Terminal['kind'][];

const terminalText = text('a string that ends the stream, such as "[DONE]"').transform(
  (data): Terminal => (ENDS.includes(data) ? { kind: data as 'end' | 'finish' } : { kind: 'data', data }),
);

const errorText = text('the data of an event by which a failure is reported').transform(
  (data): EventMatcher => ({ kind: 'data', data }),
);

const matcherMapping = mapping(
  {
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
    equals: scalar(
      (value): string | number | boolean | Fault =>
        typeof value === 'string' ||
        typeof value === 'boolean' ||
        (typeof value === 'number' && Number.isFinite(value))
          ? value
          : new Fault('a string, a number or true or false', 'write the value at the path'),
      { type: ['string', 'number', 'boolean'] },
    ).optional(),
  },
  { checks: [oneWay] },
).transform(({ data, event, path, equals }): EventMatcher => {
  if (event !== undefined) return { kind: 'event', event };
  if (data !== undefined) return { kind: 'data', data };
  return { kind: 'path', path: path ?? '', equals };
});

interface GivenMatcher {
  readonly data?: string | undefined;
  readonly event?: string | undefined;
  readonly path?: string | undefined;
  readonly equals?: string | number | boolean | undefined;
}

function* oneWay(matcher: GivenMatcher): Iterable<Fault> {
  const { data, event, path } = matcher;
  const given = Object.entries({ data, event, path }).filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    const names = given.map(([key]) => key).join(' and ');
    yield given.length === 0
      ? new Fault('one of them', 'write for example { event: done }', 'none of data, event and path')
      : new Fault('one of them', 'keep one of them', `both ${names}`);
  } else if (path === undefined && matcher.equals !== undefined)
    yield new Fault('it beside path only', 'remove it', `equals beside ${given[0]![0]}`, ['equals'], 'key');
}

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
}).transform((given): Expectations => ({ ...given, contentType: given.contentType?.toLowerCase() }));

/** Requirements of the seed's report for every response. */
const expectSeed = scalar(
  (value): Expectations | Fault =>
    value === 'seed'
      ? { minChunks: 10, minBytes: 1024, minCharacters: 0 }
      : new Fault(
          'seed or a mapping with keys of contentType, minBytes, minCharacters, minChunks',
          'write for example { minChunks: 10 }',
        ),
  { const: 'seed' },
);

export const expectations = choose<Expectations>([expectSeed, expectMapping], (value) =>
  isMapping(value) ? expectMapping : expectSeed,
);

const limit = () => duration({ maxMs: MAX_TIMER_MS }).optional();

/** Default total timeout, ms. */
const TOTAL_MS = 300_000;

interface GivenTimeouts {
  readonly connect?: number | undefined;
  readonly ttfb?: number | undefined;
  readonly idle?: number | undefined;
  readonly stall?: number | undefined;
  readonly total?: number | undefined;
}

function withinTotal(key: 'connect' | 'ttfb' | 'idle') {
  return function* (given: GivenTimeouts): Iterable<Fault> {
    const value = given[key];
    const totalMs = given.total ?? TOTAL_MS;
    if (value === undefined || value <= totalMs) return;
    const total = `${durationText(totalMs)}${given.total === undefined ? ' by default' : ''}`;
    const advice = `lower it, or set total: ${durationText(value)} or longer`;
    yield new Fault(`at most the total timeout (${total})`, advice, undefined, [key], 'value', {
      advice: `lower it, or set --total-timeout ${durationText(value)} or longer`,
    });
  };
}

const idleOf = ({ idle, total = TOTAL_MS }: GivenTimeouts): number => idle ?? Math.min(30_000, total);

function* stallBelowIdle(given: GivenTimeouts): Iterable<Fault> {
  if (given.stall === undefined || given.stall < idleOf(given)) return;
  const expected = `less than the idle timeout (${durationText(idleOf(given))})`;
  yield new Fault(expected, 'lower it, or raise idle:').below(['stall']);
}

export const timeouts = mapping(
  {
    connect: limit(),
    ttfb: limit(),
    idle: limit(),
    stall: limit(),
    total: limit(),
    linger: duration({ zero: true, maxMs: MAX_TIMER_MS, exampleMs: 1000 }).default(1000),
  },
  { checks: [...(['connect', 'ttfb', 'idle'] as const).map(withinTotal), stallBelowIdle] },
).transform((given): Timeouts => {
  const totalMs = given.total ?? TOTAL_MS;
  // A total timeout below a default lowers that default.
  return {
    connectMs: given.connect ?? Math.min(10_000, totalMs),
    ttfbMs: given.ttfb ?? Math.min(30_000, totalMs),
    idleMs: idleOf(given),
    stallMs: given.stall,
    totalMs,
    lingerMs: given.linger,
  };
});
