import type { Access } from '../../core/access.ts';
import type { Config } from '../../core/scenario.ts';

/** A configuration, and the values of its tokens. */
export interface ReadConfig {
  readonly config: Config;
  readonly access: Access;
}

/** From the main thread to the thread that reads. */
export type ReaderCommand =
  /** @param file path of the configuration, relative to the working directory */
  | { readonly type: 'read'; readonly file: string }
  /** Asks for the next prompts of what was read: all of them at once would block the main thread. */
  | { readonly type: 'more' };

/** From the thread that reads to the main thread. */
export type ReaderEvent =
  | {
      readonly type: 'read';
      /** Without prompts. */
      readonly config: Config;
      readonly access: Access;
      /** Lists of prompts, and for each target the place of its list: targets share the prompts of one file. */
      readonly lists: number;
      readonly listOf: readonly number[];
    }
  | {
      readonly type: 'prompts';
      readonly list: number;
      readonly prompts: readonly string[];
      readonly isLast: boolean;
    }
  | {
      readonly type: 'failed';
      /** `null`: not an error of soakd's table. */
      readonly code: string | null;
      readonly message: string;
      readonly details: readonly string[];
    };
