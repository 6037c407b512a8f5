import { STREAM_ID_HEADER } from '../catalog/formats.ts';
import type { StreamTarget } from './target.ts';

/** @returns the headers of one stream: the target's own and the stream's id */
export function headersFor(target: StreamTarget, id: string): string[] {
  return [...target.headers, STREAM_ID_HEADER, id];
}

/** @returns the body of one stream with its prompt filled in, or `undefined` for none */
export function bodyFor(target: StreamTarget, prompt: string | undefined): string | undefined {
  if (target.body === undefined) return undefined;
  if (prompt === undefined) return target.body.pieces.join('');
  // Inside a JSON string: escaped, without the quotes.
  return target.body.pieces.join(target.body.json ? JSON.stringify(prompt).slice(1, -1) : prompt);
}
