/** Something that was seen, or that the report cannot say, and what to do about it. */
export interface Risk {
  /** `seen`: in the data. `untested`: what the load did not include. */
  readonly kind: 'seen' | 'untested';
  /** What it is about: a target, a run or a table. */
  readonly of: string;
  readonly text: string;
  /** What to do about it, without the names of the targets. */
  readonly next: string;
  /** Targets that the step is for; empty: soakd itself. */
  readonly targets: readonly string[];
}

type About = string | { readonly of: string; readonly targets: readonly string[] };

function risk(kind: Risk['kind'], about: About, text: string, next: string): Risk {
  const { of, targets } = typeof about === 'string' ? { of: about, targets: [about] } : about;
  return { kind, of, text, next, targets };
}

/** @param about a target, or what the risk is about and the targets that the step is for */
export const untested = (about: About, text: string, next: string): Risk =>
  risk('untested', about, text, next);
export const seen = (about: About, text: string, next: string): Risk => risk('seen', about, text, next);
