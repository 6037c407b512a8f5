import { type Mutant, ruleName } from './mutants.ts';

/** Changes that no series shows, since the rule means the same without them. */
interface Equivalent {
  readonly rule: RegExp;
  readonly what: RegExp;
  readonly reason: string;
}

export const EQUIVALENT: readonly Equivalent[] = [
  {
    rule: /^target:\S+:(?:ratio|mean)/,
    what: /^> → >=$/,
    reason: 'where nothing was counted, 0 / 0 is NaN, which crosses no limit',
  },
  {
    rule: /^SoakNotMakingProgress/,
    what: /^\[10m\] → \[300s\] \(3\)$|^max_over_time → min_over_time$/,
    reason: 'streams that were wanted earlier in the 10m are seen by the condition in the inner brackets',
  },
  {
    rule: /^(?:SoakFileDescriptorsHigh|SoakTarget)/,
    what: /^job="[^"]*",? → nothing/,
    reason: 'the other side of the division has the matcher, and both sides have the same labels',
  },
  {
    rule: /^SoakErrorBudgetBurn \(critical, 1h\)/,
    what: /^for: shorter by a quarter$/,
    reason: 'its group is evaluated every minute, so 90 s end at the same evaluation as 2m',
  },
];

/** Returns why a change of a rule changes nothing; `undefined` where a test has to notice it. */
export function reasonOf({ original, what }: Mutant): string | undefined {
  return EQUIVALENT.find((one) => one.rule.test(ruleName(original)) && one.what.test(what))?.reason;
}
