import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Draws from [0, 1) with 32 bits. Two with the same seed and stream give the same sequence. */
export type Random = () => number;

/**
 * @param seed any integer
 * @param stream selects one of the independent sequences of a seed (a virtual user, a stream id)
 */
export function seededRandom(seed: number, stream = 0): Random {
  // Neighbouring seeds must not give neighbouring states, so both numbers are mixed first.
  const generator = xoroshiro128plus(mix(mix(seed | 0) ^ mix((stream + 0x9e3779b9) | 0)));
  return () => (generator.next() >>> 0) / 0x1_0000_0000;
}

/** The finalizer of MurmurHash3 (A. Appleby, public domain algorithm): spreads 32 bits. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
