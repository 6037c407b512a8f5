/** Entry of the thread that `config-reader.ts` starts: reads and checks configurations. */
import { parentPort } from 'node:worker_threads';
import { messageOf, SoakError } from '../../core/errors.ts';
import { readAccess } from '../access.ts';
import { loadConfig } from '../load.ts';
import { processSecrets } from '../secrets.ts';
import type { ReaderCommand, ReaderEvent } from './messages.ts';

/** Prompts of one message at most, and their characters: the main thread takes each message in a few ms. */
const MAX_PROMPTS = 5000;
const MAX_CHARACTERS = 1_000_000;

const port = parentPort!;
const emit = (event: ReaderEvent): void => port.postMessage(event);

/** What was read, in slices. */
let slices: Iterator<ReaderEvent> | undefined;

port.on('message', (command: ReaderCommand) => {
  try {
    if (command.type === 'read') slices = slicesOf(command.file);
    const next = slices?.next();
    if (next?.done === false) emit(next.value);
    // Nothing is kept of it between two reloads.
    if (next === undefined || next.done === true) slices = undefined;
  } catch (error) {
    slices = undefined;
    const details = error instanceof SoakError ? error.details : [];
    emit({
      type: 'failed',
      code: error instanceof SoakError ? error.code : null,
      message: messageOf(error),
      details,
    });
  }
});

function* slicesOf(file: string): Iterator<ReaderEvent> {
  const config = loadConfig(file, { checkSecrets: true });
  const access = readAccess(config, processSecrets(process.cwd()));
  const lists = [...new Set(config.targets.map(({ prompts }) => prompts))];
  const listOf = config.targets.map(({ prompts }) => lists.indexOf(prompts));
  const targets = config.targets.map((target) => ({ ...target, prompts: [] }));
  yield { type: 'read', config: { ...config, targets }, access, lists: lists.length, listOf };
  for (const [list, all] of lists.entries())
    for (const [prompts, isLast] of slicesOfList(all)) yield { type: 'prompts', list, prompts, isLast };
}

function* slicesOfList(all: readonly string[]): Iterable<[prompts: readonly string[], isLast: boolean]> {
  let from = 0;
  do {
    let to = from;
    for (let characters = 0; to < all.length && to - from < MAX_PROMPTS && characters < MAX_CHARACTERS; to++)
      characters += all[to]!.length;
    yield [all.slice(from, to), to === all.length];
    from = to;
  } while (from < all.length);
}
