import type { Format } from '../../formats/list.ts';
import { ANTHROPIC } from './anthropic.ts';
import type { Encoding } from './encoding.ts';
import { OLLAMA } from './ollama.ts';
import { OPENAI_CHAT } from './openai-chat.ts';
import { OPENAI_RESPONSES } from './openai-responses.ts';
import { NDJSON, RAW, SSE } from './plain.ts';

export const ENCODINGS: Readonly<Record<Format, Encoding>> = {
  raw: RAW,
  sse: SSE,
  'openai-chat': OPENAI_CHAT,
  'openai-responses': OPENAI_RESPONSES,
  anthropic: ANTHROPIC,
  ollama: OLLAMA,
  ndjson: NDJSON,
};
