import type { StreamCounters } from './classifier.ts';
import { isObject } from './json/values.ts';

/** No answer has more: a number above it is a mistake of the target. */
const MAX_TOKENS = 1_000_000_000;

/** Notes numbers of tokens that a target reports; what cannot be true is ignored and counted. */
export function noteTokens(input: unknown, output: unknown, counters: StreamCounters): void {
  if (isTokens(input, counters)) counters.inputTokens = input;
  if (isTokens(output, counters)) counters.outputTokens = output;
}

/** Notes a `usage` object; the APIs name its fields in two ways. */
export function noteUsage(usage: unknown, counters: StreamCounters): void {
  if (!isObject(usage)) return;
  noteTokens(
    usage.input_tokens ?? usage.prompt_tokens,
    usage.output_tokens ?? usage.completion_tokens,
    counters,
  );
  const details = usage.completion_tokens_details ?? usage.output_tokens_details;
  if (isObject(details)) noteReasoning(details.reasoning_tokens, counters);
}

/** Notes how many of the output tokens were reasoning. */
export function noteReasoning(reasoning: unknown, counters: StreamCounters): void {
  if (isTokens(reasoning, counters)) counters.reasoningTokens = reasoning;
}

function isTokens(value: unknown, counters: StreamCounters): value is number {
  if (value === undefined || value === null) return false;
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_TOKENS) return true;
  counters.ignoredTokens = (counters.ignoredTokens ?? 0) + 1;
  return false;
}

/** A token of English is four characters or so: three err on the side of a budget. */
const CHARACTERS_A_TOKEN = 3;

/** @returns output tokens of a stream whose target reports none: rather too many than too few */
export function estimatedTokens({ contentChunks, characters }: StreamCounters): number {
  return Math.max(contentChunks, Math.ceil(characters / CHARACTERS_A_TOKEN));
}
