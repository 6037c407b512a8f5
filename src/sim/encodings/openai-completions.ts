import { type Encoding, ID } from './encoding.ts';
import { choicesEncoding } from './openai-choices.ts';

export const OPENAI_COMPLETIONS: Encoding = choicesEncoding({
  head: { id: `cmpl-${ID}`, object: 'text_completion' },
  carry: (text = '') => ({ text }),
});
