import { FAULT_INFO } from '../catalog/faults.ts';
import type { Fault, SimulatedOutcome } from '../core/simulator.ts';
import type { Format } from '../formats/list.ts';
import { ENCODINGS } from './encodings/by-format.ts';

/**
 * How a stream of the simulator with this fault ends, as a client sees it that knows how a good one ends
 * (`terminals.usual` of the format) and has limits. `undefined`: the format cannot have it, and the stream is a
 * good one. An answer that the request has limited is `limited` where this says `complete`.
 */
export function expectedOutcome(fault: Fault, format: Format): SimulatedOutcome | undefined {
  const other = ENCODINGS[format].faults?.[fault];
  return other === null ? undefined : (other ?? FAULT_INFO[fault].outcome);
}
