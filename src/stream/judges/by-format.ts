import type { Format, Terminal } from '../../core/scenario.ts';
import type { Judge } from '../judge.ts';
import { OpenAiChatJudge } from './openai-chat.ts';
import { RawJudge } from './raw.ts';
import { SseJudge } from './sse.ts';

const JUDGES: Readonly<Record<Format, (terminal: Terminal | undefined) => Judge>> = {
  raw: (terminal) => new RawJudge(terminal),
  sse: (terminal) => new SseJudge(terminal),
  'openai-chat': () => new OpenAiChatJudge(),
};

/** @returns a judge for one stream */
export function judgeFor(format: Format, terminal: Terminal | undefined): Judge {
  return JUDGES[format](terminal);
}
