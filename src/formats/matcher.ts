import type { EventMatcher } from '../core/target.ts';
import { isText } from './done.ts';
import { parseJson, valueAt } from './json/values.ts';

/** @returns whether an event (or a line, whose name is '') is the one that is looked for */
export type EventTest = (name: string, bytes: Uint8Array, start: number, end: number) => boolean;

/**
 * @param isThere whether a value at a path counts as there, where the matcher does not say what it equals
 * @returns a test; data that is not JSON has no path
 */
export function eventTest(matcher: EventMatcher, isThere: (value: unknown) => boolean): EventTest {
  switch (matcher.kind) {
    case 'event':
      return (name) => name === matcher.event;
    case 'data': {
      const text = Buffer.from(matcher.data);
      return (_name, bytes, start, end) => isText(bytes, start, end, text);
    }
    case 'path': {
      const keys = matcher.path.split('.');
      const { equals } = matcher;
      return (_name, bytes, start, end) => {
        const parsed = parseJson(bytes, start, end);
        if (typeof parsed === 'string') return false;
        const found = valueAt(parsed.value, keys);
        return equals === undefined ? isThere(found) : found === equals;
      };
    }
  }
}

/** For `terminal:`: there, and neither null nor false. */
export function isSet(value: unknown): boolean {
  return isPresent(value) && value !== false;
}

/** For `error:`: there, and not null. */
export function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
