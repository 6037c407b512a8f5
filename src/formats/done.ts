import { ascii } from './json/skip.ts';

const DONE = ascii('[DONE]');

/** @returns whether some data is `[DONE]`, which ends a stream in many formats, spaces around it aside */
export function isDone(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start]!;
  // Nearly all data begins in another way.
  return (first === 0x5b || first <= 0x20) && isText(bytes, start, end, DONE);
}

/** @returns whether some data is the text, spaces and tabs around it aside */
export function isText(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (end - start < text.length) return false;
  let from = start;
  while (from < end && bytes[from] !== text[0] && isSpace(bytes[from]!)) from++;
  let to = end;
  while (to - from > text.length && isSpace(bytes[to - 1]!)) to--;
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text[i]) return false;
  return true;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}
