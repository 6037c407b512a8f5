/** A line or an event longer than this is `malformed`, not memory; `maxEvent:` of a target raises it. Bytes. */
export const MAX_EVENT_BYTES = 1_048_576;
/** What `maxEvent:` may be at most, bytes. */
export const MAX_MAX_EVENT_BYTES = 67_108_864;

const MIB = 1_048_576;

/** @param limit bytes @returns what is wrong with a line or an event that is longer */
export function overLimit(limit: number): string {
  const text =
    limit % MIB === 0 ? `${limit / MIB} MiB` : limit % 1024 === 0 ? `${limit / 1024} KiB` : `${limit} bytes`;
  return `a line or an event is longer than maxEvent (${text})`;
}
