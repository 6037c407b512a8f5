import { type Encoding, ID } from './encoding.ts';
import { choicesEncoding } from './openai-choices.ts';

export const OPENAI_CHAT: Encoding = choicesEncoding({
  head: { id: `chatcmpl-${ID}`, object: 'chat.completion.chunk' },
  more: { system_fingerprint: null },
  carry: (content) => ({ delta: { content } }),
  first: { delta: { role: 'assistant', content: '' } },
});
