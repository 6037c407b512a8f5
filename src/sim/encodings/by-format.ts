import type { Format } from '../../formats/list.ts';
import { ANTHROPIC } from './anthropic.ts';
import { COHERE } from './cohere.ts';
import type { Encoding } from './encoding.ts';
import { GEMINI } from './gemini.ts';
import { OLLAMA } from './ollama.ts';
import { OPENAI_CHAT } from './openai-chat.ts';
import { OPENAI_COMPLETIONS } from './openai-completions.ts';
import { OPENAI_RESPONSES } from './openai-responses.ts';
import { NDJSON, RAW, SSE } from './plain.ts';

export const ENCODINGS: Readonly<Record<Format, Encoding>> = {
  raw: RAW,
  sse: SSE,
  'openai-chat': OPENAI_CHAT,
  'openai-completions': OPENAI_COMPLETIONS,
  'openai-responses': OPENAI_RESPONSES,
  anthropic: ANTHROPIC,
  gemini: GEMINI,
  cohere: COHERE,
  ollama: OLLAMA,
  ndjson: NDJSON,
};
