import type { Block } from '../schema/report.ts';

/**
 * A document of sections, independent of its format. Texts are plain: each renderer escapes what it needs. Texts may hold
 * hostile names of targets and scenarios.
 */
export interface Document {
  readonly title: string;
  /** Lines below the title: what was run, when, by which version. */
  readonly subtitle: readonly string[];
  readonly sections: readonly Section[];
}

/** A section with its content, or the reason why it is left out. */
export type Section = {
  /** Name of its anchor and of its key in JSON. */
  readonly id: string;
  readonly title: string;
} & ({ readonly blocks: readonly Block[]; readonly values: unknown } | { readonly omitted: string });
