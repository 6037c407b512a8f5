/** Classes of finish reasons, as the `reason` label has them. */
export const FINISH_REASONS = [
  'stop',
  'length',
  'filter',
  'refusal',
  'tool',
  'pause',
  'error',
  'other',
] as const;
export type FinishReason = (typeof FINISH_REASONS)[number];
