import { ANTHROPIC } from './anthropic.ts';
import type { ClassifierOptions, StreamClassifier } from './classifier.ts';
import { COHERE } from './cohere.ts';
import type { StreamFormat } from './format.ts';
import { GEMINI } from './gemini.ts';
import { NDJSON } from './ndjson.ts';
import { OLLAMA } from './ollama.ts';
import { OPENAI_CHAT } from './openai-chat.ts';
import { OPENAI_COMPLETIONS } from './openai-completions.ts';
import { OPENAI_RESPONSES } from './openai-responses.ts';
import { RAW } from './raw.ts';
import { SSE } from './sse.ts';

/** Every format, in the order in which they are offered. */
const LIST = [
  RAW,
  SSE,
  OPENAI_CHAT,
  OPENAI_COMPLETIONS,
  OPENAI_RESPONSES,
  ANTHROPIC,
  GEMINI,
  COHERE,
  OLLAMA,
  NDJSON,
] as const;

export type Format = (typeof LIST)[number]['name'];

/** Names of the formats. */
export const FORMATS: readonly Format[] = LIST.map((format) => format.name);

const BY_NAME: ReadonlyMap<string, StreamFormat> = new Map(LIST.map((format) => [format.name, format]));

/** @param name one of {@link FORMATS}; the configuration lets no other through @throws TypeError for another */
export function formatNamed(name: string): StreamFormat {
  const format = BY_NAME.get(name);
  if (format === undefined) throw new TypeError(`no stream format ${name}`);
  return format;
}

/** @returns every format */
export function allFormats(): readonly StreamFormat[] {
  return LIST;
}

/** @returns a classifier for one stream that shares nothing with another */
export function classifierFor(format: string, options: ClassifierOptions = {}): StreamClassifier {
  return formatNamed(format).classifier(options)();
}

/** @returns the format that a request path names, by the longest ending that fits */
export function formatOfPath(path: string): Format | undefined {
  let best: { readonly name: Format; readonly length: number } | undefined;
  for (const { name, path: ends } of LIST) {
    for (const end of ends) {
      if (path.endsWith(end) && end.length > (best?.length ?? 0)) best = { name, length: end.length };
    }
  }
  return best?.name;
}
