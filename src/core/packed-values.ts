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
 * @throws RangeError if the bytes are damaged, or do not end before `end`
 */
export function unpackValues(bytes: Uint8Array, values: Float64Array, start: number, end: number): void {
  whole[0] = start;
  whole[1] = end;
  unpackParts(bytes, values, start, end, whole, span);
}

const whole = new Int32Array(2);
const span = new Int32Array(2);

/**
 * Writes some parts of packed numbers to `values`. Numbers that are 0, and those outside the parts, are left as they are;
 * bytes behind the last part are not read.
 * @param parts start and end (exclusive) of each part, ascending, not empty
 * @param spans set to the place of the first number of each part that is not 0, and the place after the last one;
 * −1 and −1 where all are 0
 * @throws RangeError if the bytes are damaged, or do not end before `end`
 */
export function unpackParts(
  bytes: Uint8Array,
  values: Float64Array,
  start: number,
  end: number,
  parts: Int32Array,
  spans: Int32Array,
): void {
  spans.fill(-1);
  const { length } = bytes;
  let at = 0;
  let index = start - 1;
  let part = 0;
  let from = parts[0]!;
  let to = parts[1]!;
  // A history reads millions of numbers: no function is called for those of one or two bytes, and these are nearly all.
  while (at < length) {
    const distance = bytes[at]!;
    if (distance < 128) {
      index += distance;
      at++;
    } else {
      index += varintAt(bytes, at);
      at = after;
    }
    while (index >= to) {
      part += 2;
      if (part >= parts.length) {
        if (index >= end) throw new RangeError('packed values do not fit the layout');
        return;
      }
      from = parts[part]!;
      to = parts[part + 1]!;
    }
    let value: number;
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    if (first === 1) {
      if (at + 9 > length) throw new RangeError('packed values end in the middle of a number');
      doubleBytes.set(bytes.subarray(at + 1, at + 9));
      value = double[0]!;
      at += 9;
    } else if (first < 128) {
      value = first / 2;
      at++;
    } else if (second < 128) {
      value = (first - 128) / 2 + second * 64;
      at += 2;
    } else {
      value = varintAt(bytes, at) / 2;
      at = after;
    }
    if (index < from) continue;
    values[index] = value;
    if (spans[part]! < 0) spans[part] = index;
    spans[part + 1] = index + 1;
  }
}

/** Place after the number that {@link varintAt} has read. */
let after = 0;

function varintAt(bytes: Uint8Array, start: number): number {
  let at = start;
  let number = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++];
    if (byte === undefined) throw new RangeError('packed values end in the middle of a number');
    number += (byte & 127) * scale;
    if (byte < 128) {
      after = at;
      return number;
    }
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
