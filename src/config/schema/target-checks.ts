import type { z } from 'zod';
import type { EventMatcher, Terminal } from '../../core/scenario.ts';
import type { SecretText } from '../../core/secret-text.ts';
import { MAX_MAX_EVENT_BYTES } from '../../formats/limits.ts';
import { type FORMATS, formatNamed } from '../../formats/list.ts';
import { addIssue } from './combinators.ts';
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
function oneEndpoint(_: unknown, ctx: unknown, written: Written): void {
  const { url, simulator } = written;
  if ((url === undefined) !== (simulator === undefined)) return;
  addIssue(ctx, {
    found: url === undefined ? 'neither url nor simulator' : 'both url and simulator',
    expected: 'exactly one of them',
    advice: url === undefined ? 'add url: or simulator:' : 'remove one of them',
  });
}

function terminalOfFormat(given: Given, ctx: unknown): void {
  const end = endOf(given);
  if (end !== undefined) checkMatcher('terminal', end, formatOf(given), ctx);
}

function errorOfFormat(given: Given, ctx: unknown): void {
  if (given.error !== undefined) checkMatcher('error', given.error, formatOf(given), ctx);
}

function sizeOfEvent({ maxEvent }: Given, ctx: unknown): void {
  if (maxEvent === undefined || (maxEvent >= 1 && maxEvent <= MAX_MAX_EVENT_BYTES)) return;
  addIssue(ctx, { path: ['maxEvent'], expected: 'from 1 byte to 64MiB', advice: 'write for example 4MiB' });
}

function sizeOfTail({ keepTail }: Given, ctx: unknown): void {
  if (keepTail === undefined || keepTail <= MAX_TAIL) return;
  addIssue(ctx, { path: ['keepTail'], expected: 'at most 4KiB', advice: 'lower it' });
}

/** Invalid prompts count as present. */
function promptsOfBody({ body }: Given, ctx: unknown, written: Written): void {
  const asks = body !== undefined && withStandIn(body.text, '').includes('{{prompt}}');
  if (asks && written.prompts === undefined) {
    addIssue(ctx, {
      path: ['body'],
      found: '{{prompt}} without prompts',
      expected: 'prompts to draw it from',
      advice: 'add prompts:',
    });
  }
  if (!asks && written.prompts !== undefined) {
    addIssue(ctx, {
      path: ['prompts'],
      at: 'key',
      found: 'prompts that nothing uses',
      expected: '{{prompt}} in the body',
      advice: 'put it there, or remove prompts',
    });
  }
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

function checkMatcher(key: 'terminal' | 'error', given: Terminal, name: string, ctx: unknown): void {
  const format = formatNamed(name);
  const kinds: readonly Terminal['kind'][] = key === 'terminal' ? format.terminals.kinds : format.errors;
  if (kinds.includes(given.kind)) return;
  if (kinds.length === 0) {
    addIssue(ctx, {
      path: [key],
      at: 'key',
      found: `${key} beside format ${name}`,
      expected: 'none, since the format has its own',
      advice: 'remove it',
    });
    return;
  }
  const ways = kinds.map((kind) => WRITTEN[kind]).join(' or ');
  addIssue(ctx, {
    path: [key],
    expected: `${ways}, beside format ${name}`,
    advice: `write ${ways}, or set another format:`,
  });
}
