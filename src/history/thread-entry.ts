import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, SoakError } from '../core/errors.ts';
import { followHeap } from '../machine/heap.ts';
import { changeRun } from './change.ts';
import type { Answer, HistoryCommand, HistoryEvent, HistoryThreadData } from './messages.ts';
import { HistoryThread } from './thread.ts';

/** Interval of the next attempt after a write that failed, ms. */
const RETRY_INTERVAL_MS = 1000;
const PRUNE_INTERVAL_MS = 3_600_000;

const port = parentPort!;
const { path, retention, heap } = workerData as HistoryThreadData;
const emit = (event: HistoryEvent): void => port.postMessage(event);
const thread = new HistoryThread(path, retention, () => emit({ type: 'replaced' }));

let due: NodeJS.Immediate | undefined;
let retry: NodeJS.Timeout | undefined;

function flush(): boolean {
  clearTimeout(retry);
  clearImmediate(due);
  due = undefined;
  try {
    const seq = thread.flush();
    emit({ type: 'written', seq, sizeBytes: thread.sizeBytes });
    return true;
  } catch (error) {
    emit({ type: 'failed', message: messageOf(error) });
    retry = setTimeout(flush, RETRY_INTERVAL_MS);
    return false;
  }
}

/** All commands that have arrived are written together. */
function flushSoon(): void {
  if (retry !== undefined) clearTimeout(retry);
  due ??= setImmediate(flush);
}

function prune(): void {
  try {
    for (;;) {
      const runs = thread.prune(Date.now());
      if (runs.length === 0) break;
      emit({ type: 'pruned', runs });
    }
    const thinned = thread.thin();
    if (thinned === undefined) return;
    emit({ type: 'thinned', run: thinned });
    // What waits to be written comes first.
    setImmediate(prune);
  } catch (error) {
    emit({ type: 'failed', message: messageOf(error) });
  }
}

function answered(request: number, work: () => unknown): void {
  let answer: Answer;
  try {
    answer = { value: work() };
  } catch (error) {
    answer = { code: error instanceof SoakError ? error.code : null, message: messageOf(error) };
  }
  emit({ type: 'answer', request, answer });
}

port.on('message', (command: HistoryCommand) => {
  switch (command.type) {
    case 'write':
      thread.merge(command.write, command.seq);
      flushSoon();
      // A finished run may be the one that is too much.
      if (command.write.end !== undefined) setImmediate(prune);
      break;
    case 'service':
      thread.putService(command.key, command.value, command.seq);
      flushSoon();
      break;
    case 'adopt':
      thread.adopt(command.run, command.owner);
      break;
    case 'read': {
      const { name, args } = command;
      answered(command.request, () => {
        const { reader } = thread;
        return (reader[name] as (...args: readonly unknown[]) => unknown).apply(reader, [...args]);
      });
      break;
    }
    case 'change':
      answered(command.request, () => changeRun(thread.database, command.change));
      break;
    case 'close':
      answered(command.request, () => {
        flush();
        thread.close();
        port.close();
        clearTimeout(retry);
        clearInterval(pruning);
      });
      break;
  }
});

const pruning = setInterval(prune, PRUNE_INTERVAL_MS);
followHeap(heap);
emit({ type: 'ready' });
setImmediate(prune);
