/** Entry of the thread that `check-thread.ts` starts: checks one text. */
import { parentPort, workerData } from 'node:worker_threads';
import { SoakError } from '../core/errors.ts';
import { type CheckedText, TEXT_NAME } from './check-thread.ts';
import { parseConfig } from './load.ts';

/** Stands for a file of prompts, which is not read. */
const PROMPTS = new TextEncoder().encode('"prompt"');
const PROMPT_LIST = new TextEncoder().encode('["prompt"]');

function checked(text: string): CheckedText {
  try {
    const config = parseConfig(text, {
      file: TEXT_NAME,
      baseDir: '/',
      readFile: (path) => (/\.json$/i.test(path) ? PROMPT_LIST : PROMPTS),
    });
    const targets = config.targets.map(({ name }) => name);
    return { targets, scenarios: Object.keys(config.scenarios), lines: [] };
  } catch (error) {
    if (!(error instanceof SoakError)) throw error;
    const { details, message } = error;
    return { targets: [], scenarios: [], lines: details.length > 0 ? details : [message] };
  }
}

parentPort!.postMessage(checked(workerData as string));
