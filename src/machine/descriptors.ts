import { closeSync, openSync } from 'node:fs';

/** Descriptors that streams leave free for API, metrics, logs and history, where the limit is high enough. */
const RESERVE = 64;
/** Largest share of all descriptors that is kept free. */
const MAX_RESERVED_SHARE = 0.25;

/** Returns how many of a process's descriptors streams leave free. @param limit descriptors that it may have */
export function reservedDescriptors(limit: number): number {
  return Math.min(RESERVE, Math.floor(limit * MAX_RESERVED_SHARE));
}

/**
 * Returns whether streams may take one more descriptor, besides `opening` ones that they will take in this turn of the event
 * loop: a dial takes its descriptor only after the code that asked for it. A system gives out the lowest free number, so one number says how
 * many are taken by all threads; it costs two system calls, some 5 µs.
 * @param limit descriptors that this process may have; absent: not known, so there is no reserve
 * @param lowestFree opens and closes a descriptor, and returns its number; throws if there is none
 */
export function descriptorGate(
  limit: number | undefined,
  lowestFree: () => number = probeDescriptor,
): (opening?: number) => boolean {
  if (limit === undefined || !Number.isFinite(limit)) return () => true;
  const end = limit - reservedDescriptors(limit);
  return (opening = 0) => {
    try {
      return lowestFree() + opening < end;
    } catch {
      return false;
    }
  };
}

/** Share of all descriptors that connections to the API may take. */
const CONNECTION_SHARE = 0.125;
/** Share of the descriptors that streams leave free which connections to a listener may take; the rest is for logs and history. */
const SHARE_OF_RESERVE = { main: 0.5, metrics: 0.25 } as const;

/**
 * Returns how many connections a listener may have now: fewer where all descriptors but the reserve are taken.
 * @param most connections where descriptors are plenty
 * @param limit descriptors that this process may have; absent: not known
 */
export function connectionBound(
  most: number,
  limit: number | undefined,
  isPlenty: () => boolean = descriptorGate(limit),
  listener: keyof typeof SHARE_OF_RESERVE = 'main',
): () => number {
  if (limit === undefined || !Number.isFinite(limit)) return () => most;
  const usual = Math.max(1, Math.min(most, Math.floor(limit * CONNECTION_SHARE)));
  const kept = Math.max(1, Math.floor(reservedDescriptors(limit) * SHARE_OF_RESERVE[listener]));
  return () => (isPlenty() ? usual : Math.min(usual, kept));
}

function probeDescriptor(): number {
  const fd = openSync('/dev/null', 'r');
  closeSync(fd);
  return fd;
}
