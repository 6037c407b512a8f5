import type { ClassifierResult } from './classifier.ts';
import { isObject, type JsonObject } from './json/values.ts';

/**
 * What an API reports as a failure in place of an event of its own: a top-level `error` that is not null, or a flat
 * error object.
 * @param flat whether the object lacks what events of the format have, so that it can be a flat one
 */
export function reportedError(event: JsonObject, flat: boolean): ClassifierResult | undefined {
  if (event.error !== undefined && event.error !== null) return failure(event.error);
  return flat ? flatError(event) : undefined;
}

/**
 * The same in formats whose events have a type. One that has any may have any fields, as new types come at any time,
 * but for a flat error object, whose type is that of the error.
 */
export function untypedError(event: JsonObject, type: string): ClassifierResult | undefined {
  return type === '' ? reportedError(event, true) : flatError(event);
}

/**
 * An error object as gateways and model servers send it: `object: "error"`, or a `message` with a `code` or `status` of
 * 400 or above.
 */
function flatError(event: JsonObject): ClassifierResult | undefined {
  const isFlat =
    event.object === 'error' ||
    (typeof event.message === 'string' && (isFailing(event.code) || isFailing(event.status)));
  return isFlat ? failure(event) : undefined;
}

function failure(error: unknown): ClassifierResult {
  return { outcome: 'inband_error', detail: `error ${errorName(error)}` };
}

function isFailing(status: unknown): boolean {
  if (typeof status === 'number') return status >= 400;
  return typeof status === 'string' && /^\s*\d+\s*$/.test(status) && Number(status) >= 400;
}

/** The type, status or code of an API error: a word for the log, never its message, which may quote the prompt. */
export function errorName(error: unknown): string {
  if (!isObject(error)) return '(no type)';
  const name = [error.type, error.status, error.code].find(
    (value) => typeof value === 'string' || typeof value === 'number',
  );
  return name === undefined ? '(no type)' : String(name).slice(0, 60);
}

/** @returns the same for an event that is an error, whose `type` may say no more than that */
export function eventErrorName({ error, type, code, status }: JsonObject): string {
  return errorName(isObject(error) ? error : { type: type === 'error' ? undefined : type, status, code });
}
