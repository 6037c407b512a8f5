import { MINUTE_MS } from '../core/clock.ts';
import type { Behaviour, Pace } from '../core/simulator.ts';

/** Effect of the behaviours on a pace at one moment: `value × factor + addMs`. */
export interface Change {
  readonly factor: number;
  readonly addMs: number;
}

type Kind = Behaviour['kind'];
type Of<K extends Kind> = Extract<Behaviour, { kind: K }>;

/** Effect of each behaviour as a function of time. */
const EFFECTS: {
  readonly [K in Exclude<Kind, 'pause' | 'memory'>]: (b: Of<K>, elapsedMs: number) => Change;
} = {
  leak: (b, elapsedMs) => ({ factor: 1, addMs: (b.perMinuteMs * elapsedMs) / MINUTE_MS }),
  staircase: (b, elapsedMs) => ({ factor: 1, addMs: b.stepMs * Math.floor(elapsedMs / b.everyMs) }),
  ramp: (b, elapsedMs) => ({
    factor: b.from + (b.to - b.from) * Math.min(1, elapsedMs / b.overMs),
    addMs: 0,
  }),
  sine: (b, elapsedMs) => ({
    factor: (b.min + b.max) / 2 + ((b.max - b.min) / 2) * Math.sin((2 * Math.PI * elapsedMs) / b.periodMs),
    addMs: 0,
  }),
};

/** @returns the combined effect of all behaviours on a pace: factors multiply, terms add up */
export function changeOf(
  behaviours: readonly Behaviour[],
  pace: Exclude<Pace, 'both'>,
  elapsedMs: number,
): Change {
  let factor = 1;
  let addMs = 0;
  for (const behaviour of behaviours) {
    if (behaviour.kind === 'pause' || behaviour.kind === 'memory') continue;
    if (behaviour.on !== 'both' && behaviour.on !== pace) continue;
    const effect = EFFECTS[behaviour.kind] as (b: Behaviour, elapsedMs: number) => Change;
    const change = effect(behaviour, elapsedMs);
    factor *= change.factor;
    addMs += change.addMs;
  }
  return { factor, addMs };
}

/** @returns when a due event may happen: its own time, or the end of the pause that covers it */
export function afterPauses(behaviours: readonly Behaviour[], dueMs: number): number {
  let due = dueMs;
  for (const behaviour of behaviours) {
    if (behaviour.kind !== 'pause') continue;
    const into = due % behaviour.everyMs;
    if (due >= behaviour.everyMs && into < behaviour.forMs) due += behaviour.forMs - into;
  }
  return due;
}

export function hasPauses(behaviours: readonly Behaviour[]): boolean {
  return behaviours.some((b) => b.kind === 'pause');
}

/** @returns bytes of memory to be held */
export function heldBytes(behaviours: readonly Behaviour[], elapsedMs: number): number {
  let bytes = 0;
  for (const b of behaviours) {
    if (b.kind === 'memory') bytes += Math.min(b.upToBytes, (b.perMinuteBytes * elapsedMs) / MINUTE_MS);
  }
  return bytes;
}
