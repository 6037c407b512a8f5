import type { Format, Terminal } from '../../core/scenario.ts';
import type { Judge } from '../judge.ts';
import { AnthropicJudge } from './anthropic.ts';
import { NdjsonJudge, OllamaJudge } from './ndjson.ts';
import { OpenAiChatJudge } from './openai-chat.ts';
import { OpenAiResponsesJudge } from './openai-responses.ts';
import { RawJudge } from './raw.ts';
import { SseJudge } from './sse.ts';

const JUDGES: Readonly<Record<Format, (terminal: Terminal | undefined) => Judge>> = {
  raw: (terminal) => new RawJudge(terminal),
  sse: (terminal) => new SseJudge(terminal),
  'openai-chat': () => new OpenAiChatJudge(),
  'openai-responses': () => new OpenAiResponsesJudge(),
  anthropic: () => new AnthropicJudge(),
  ollama: () => new OllamaJudge(),
  ndjson: (terminal) => new NdjsonJudge(terminal),
};

/** @returns a judge for one stream */
export function judgeFor(format: Format, terminal: Terminal | undefined): Judge {
  return JUDGES[format](terminal);
}
