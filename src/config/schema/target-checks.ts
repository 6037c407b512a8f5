import type { z } from 'zod';
import type { SecretText } from '../../core/secret-text.ts';
import type { EventMatcher, Terminal } from '../../core/target.ts';
import { MAX_MAX_EVENT_BYTES } from '../../formats/limits.ts';
import { type FORMATS, formatNamed } from '../../formats/list.ts';
import { Fault } from './combinators.ts';
import { withStandIn } from './secret-text.ts';
import type { simulator } from './simulator.ts';

/** Maximum tail of each kept failure, bytes. */
const MAX_TAIL = 4096;

interface Given {
  readonly simulator?: z.output<typeof simulator> | undefined;
  readonly format?: (typeof FORMATS)[number] | undefined;
  readonly terminal?: Terminal | undefined;
  readonly error?: EventMatcher | undefined;
  readonly maxEvent?: number | undefined;
  readonly keepTail?: number | undefined;
  readonly body?: { readonly text: SecretText } | undefined;
  readonly prompts?: unknown;
}

type Written = Readonly<Record<string, unknown>>;

/** Returns the format of a target: its own, else that of its simulator. */
export function formatOf({ format, simulator }: Pick<Given, 'format' | 'simulator'>): string {
  return format ?? simulator?.withFormat(format).format ?? 'sse';
}

/** Returns the terminal setting of a target; absent: that of the format. */
export function endOf({ terminal, simulator, format }: Given): Terminal | undefined {
  if (terminal !== undefined || simulator === undefined) return terminal;
  return formatNamed(formatOf({ format, simulator })).terminals.usual;
}

/** An invalid value counts as present. */
function* oneEndpoint(_: unknown, { url, simulator }: Written): Iterable<Fault> {
  if ((url === undefined) !== (simulator === undefined)) return;
  yield url === undefined
    ? new Fault('exactly one of them', 'add url: or simulator:', 'neither url nor simulator')
    : new Fault('exactly one of them', 'remove one of them', 'both url and simulator');
}

function* terminalOfFormat(given: Given): Iterable<Fault> {
  yield* faultOfMatcher('terminal', endOf(given), formatOf(given));
}

function* errorOfFormat(given: Given): Iterable<Fault> {
  yield* faultOfMatcher('error', given.error, formatOf(given));
}

function* sizeOfEvent({ maxEvent }: Given): Iterable<Fault> {
  if (maxEvent !== undefined && (maxEvent < 1 || maxEvent > MAX_MAX_EVENT_BYTES))
    yield new Fault('from 1 byte to 64MiB', 'write for example 4MiB').below(['maxEvent']);
}

function* sizeOfTail({ keepTail = 0 }: Given): Iterable<Fault> {
  if (keepTail > MAX_TAIL) yield new Fault('at most 4KiB', 'lower it').below(['keepTail']);
}

/** Invalid prompts count as present. */
function* promptsOfBody({ body }: Given, written: Written): Iterable<Fault> {
  const asks = body !== undefined && withStandIn(body.text, '').includes('{{prompt}}');
  if (asks && written.prompts === undefined)
    yield new Fault(
      'prompts to draw it from',
      'add prompts:',
      '{{prompt}} without prompts',
      ['body'],
      'value',
      { advice: 'use a configuration file with prompts' },
    );
  if (asks || written.prompts === undefined) return;
  const advice = 'put it there, or remove prompts';
  yield new Fault('{{prompt}} in the body', advice, 'prompts that nothing uses', ['prompts'], 'key');
}

/** Checks the keys of a target against each other. */
export const TARGET_CHECKS = [
  oneEndpoint,
  terminalOfFormat,
  errorOfFormat,
  sizeOfEvent,
  sizeOfTail,
  promptsOfBody,
] as const;

/** Key of each kind of terminal event or error. */
const WRITTEN: Readonly<Record<Terminal['kind'], string>> = {
  data: 'a string such as "[DONE]"',
  event: '{ event: done }',
  path: '{ path: done }',
  end: 'end',
  finish: 'finish',
};

function faultOfMatcher(key: 'terminal' | 'error', given: Terminal | undefined, name: string): Fault[] {
  const format = formatNamed(name);
  const kinds: readonly Terminal['kind'][] = key === 'terminal' ? format.terminals.kinds : format.errors;
  if (given === undefined || kinds.includes(given.kind)) return [];
  if (kinds.length === 0) {
    const expected = 'none, since the format has its own';
    return [new Fault(expected, 'remove it', `${key} beside format ${name}`, [key], 'key')];
  }
  const ways = kinds.map((kind) => WRITTEN[kind]).join(' or ');
  const advice = `write ${ways}, or set another format:`;
  return [new Fault(`${ways}, beside format ${name}`, advice).below([key])];
}
