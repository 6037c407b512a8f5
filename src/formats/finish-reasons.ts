import type { FinishReason } from '../core/finish-reason.ts';
import type { ClassifierResult, StreamCounters } from './classifier.ts';

/** Reasons that the APIs document, in lower case. What is not listed is `other`. */
const CLASSES: ReadonlyMap<string, FinishReason> = new Map(
  Object.entries({
    stop: ['stop', 'end_turn', 'stop_sequence', 'complete', 'completed', 'eos', 'eos_token'],
    length: [
      'length',
      'model_length',
      'max_tokens',
      'max_output_tokens',
      'max_completion_tokens',
      'model_context_window_exceeded',
    ],
    filter: [
      'content_filter',
      'content_filtered',
      'sensitive',
      'safety',
      'recitation',
      'language',
      'blocklist',
      'prohibited_content',
      'spii',
      'image_safety',
      'image_prohibited_content',
      'image_recitation',
    ],
    refusal: ['refusal'],
    tool: ['tool_calls', 'tool_call', 'tool_use', 'function_call'],
    pause: ['pause_turn'],
    error: [
      'error',
      'abort',
      'aborted',
      'cancelled',
      'canceled',
      'insufficient_system_resource',
      'network_error',
      'timeout',
      'malformed_function_call',
      'malformed_response',
      'unexpected_tool_call',
    ],
  } satisfies Partial<Record<FinishReason, readonly string[]>>).flatMap(([kind, reasons]) =>
    reasons.map((reason) => [reason, kind as FinishReason] as const),
  ),
);

/** @returns the class of a finish reason as the target writes it; `undefined` for none: null, '' or no text */
export function finishReasonOf(reason: unknown): FinishReason | undefined {
  if (typeof reason !== 'string' || reason === '') return undefined;
  return CLASSES.get(reason.toLowerCase()) ?? 'other';
}

/** Counts the finish reason of one choice. */
export function countFinish(reason: FinishReason, counters: StreamCounters): void {
  counters.finishReasons ??= {};
  counters.finishReasons[reason] = (counters.finishReasons[reason] ?? 0) + 1;
}

const LIMITED: ReadonlySet<FinishReason> = new Set<FinishReason>(['length', 'filter', 'refusal', 'pause']);

/** @returns the outcome of a stream all of whose choices finished, the worst reason first */
export function outcomeOf(reasons: Iterable<FinishReason>): 'complete' | 'limited' | 'inband_error' {
  let outcome: 'complete' | 'limited' = 'complete';
  for (const reason of reasons) {
    if (reason === 'error') return 'inband_error';
    if (LIMITED.has(reason)) outcome = 'limited';
  }
  return outcome;
}

/** @param reason as the target writes it @returns the failure that it means, `undefined` where it is none */
export function finishError(reason: unknown, field: string): ClassifierResult | undefined {
  if (finishReasonOf(reason) !== 'error') return undefined;
  return { outcome: 'inband_error', detail: `${field} is ${String(reason).slice(0, 60)}` };
}
