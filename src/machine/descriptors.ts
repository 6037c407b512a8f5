import { closeSync, openSync } from 'node:fs';

/** Descriptors that streams leave free for API, metrics, logs and history, where the limit is high enough. */
const RESERVE = 64;
/** Largest share of all descriptors that is kept free. */
const MAX_RESERVED_SHARE = 0.25;

/** Returns how many of a process's descriptors streams leave free. @param limit descriptors that it may have */
export function reservedDescriptors(limit: number): number {
  return Math.min(RESERVE, Math.floor(limit * MAX_RESERVED_SHARE));
}

/** Opens a descriptor that stands for another one, and closes it. */
export interface Placeholders {
  /** Returns the lowest free number. @throws where there is none */
  open(): number;
  close(fd: number): void;
}

const NULL_DEVICE: Placeholders = { open: () => openSync('/dev/null', 'r'), close: closeSync };

/**
 * Returns what takes a descriptor for a stream, and returns how to give it back; `undefined`: streams have all that they may
 * have. A dial takes its own descriptor later in the same turn of the event loop: until then this one stands for it. A count of
 * dials would not do: a low number that is free says nothing of those above it. It costs two system calls, some 5 µs.
 * @param limit descriptors that this process may have; absent: not known, so there is no reserve
 */
export function descriptorTaker(
  limit: number | undefined,
  { open, close }: Placeholders = NULL_DEVICE,
): () => (() => void) | undefined {
  if (limit === undefined || !Number.isFinite(limit)) return () => () => {};
  const end = limit - reservedDescriptors(limit);
  return () => {
    let fd: number;
    try {
      fd = open();
    } catch {
      return undefined;
    }
    if (fd < end) return () => close(fd);
    close(fd);
    return undefined;
  };
}

/** Returns whether streams may take one more descriptor. @param limit as of {@link descriptorTaker} */
export function descriptorGate(limit: number | undefined, placeholders?: Placeholders): () => boolean {
  const take = descriptorTaker(limit, placeholders);
  return () => {
    const giveBack = take();
    giveBack?.();
    return giveBack !== undefined;
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
