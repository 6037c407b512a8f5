/**
 * Compact form of a part of a snapshot: most of its numbers are 0, and most of the others are small counts.
 *
 * Each number that is not 0 is written as two fields: the distance from the previous one, as a varint (LEB128), and
 * the value. A whole number up to 2^52 is the varint of its double; any other number is the byte 1 and a little-endian
 * double, since the double of a whole number is even.
 */

const MAX_COUNT = 2 ** 52;
/** A distance and a value take 5 and 9 bytes at most. */
const MAX_BYTES = 14;

let scratch = new Uint8Array(4096);
const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

/** Returns the numbers from `start` to `end` (exclusive) in compact form. */
export function packValues(values: Float64Array, start: number, end: number): Uint8Array {
  let length = 0;
  let previous = start - 1;
  for (let i = start; i < end; i++) {
    const value = values[i]!;
    if (value === 0) continue;
    if (length + MAX_BYTES > scratch.length) {
      const larger = new Uint8Array(2 * scratch.length);
      larger.set(scratch);
      scratch = larger;
    }
    length = putVarint(scratch, length, i - previous);
    previous = i;
    if (value > 0 && value <= MAX_COUNT && Number.isInteger(value))
      length = putVarint(scratch, length, 2 * value);
    else {
      scratch[length++] = 1;
      double[0] = value;
      scratch.set(doubleBytes, length);
      length += 8;
    }
  }
  return scratch.slice(0, length);
}

/**
 * Writes packed numbers to `values` from `start` on; numbers that are 0 are left as they are.
 * @param until numbers from this place on are not needed; they are left as they are
 * @throws RangeError if the bytes are damaged, or do not end before `end`
 */
export function unpackValues(
  bytes: Uint8Array,
  values: Float64Array,
  start: number,
  end: number,
  until = end,
): void {
  let at = 0;
  let index = start - 1;
  const varint = (): number => {
    // Nearly all are of one byte.
    const first = bytes[at];
    if (first !== undefined && first < 128) {
      at++;
      return first;
    }
    let number = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('packed values end in the middle of a number');
      number += (byte & 127) * scale;
      if (byte < 128) return number;
    }
  };
  while (at < bytes.length) {
    index += varint();
    if (index >= until) {
      if (index >= end) throw new RangeError('packed values do not fit the layout');
      return;
    }
    if (bytes[at] !== 1) {
      values[index] = varint() / 2;
      continue;
    }
    if (at + 9 > bytes.length) throw new RangeError('packed values end in the middle of a number');
    doubleBytes.set(bytes.subarray(at + 1, at + 9));
    values[index] = double[0]!;
    at += 9;
  }
}

function putVarint(bytes: Uint8Array, start: number, number: number): number {
  let at = start;
  let rest = number;
  while (rest >= 128) {
    bytes[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  bytes[at++] = rest;
  return at;
}
