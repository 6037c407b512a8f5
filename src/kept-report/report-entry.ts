import { parentPort, workerData } from 'node:worker_threads';
import { compareRuns } from '../compare/compare.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import { type Database, openDatabase } from '../history/database.ts';
import { BUILD } from '../version.ts';
import { KeptRunSource } from './kept-run-source.ts';
import type { ReportReply, ReportRequest, ReportTask } from './report-thread.ts';

const { path, task } = workerData as ReportRequest;
const port = parentPort!;

try {
  // Beside the thread of the history, which continues to write.
  const db = openDatabase(path, { readOnly: true });
  const text = new TextEncoder().encode(await written(db, task));
  db.close();
  port.postMessage({ text } satisfies ReportReply, [text.buffer]);
} catch (error) {
  const isSqlite = (error as { code?: unknown }).code === 'ERR_SQLITE_ERROR';
  if (!(error instanceof SoakError) && !isSqlite) throw error;
  const code = error instanceof SoakError ? error.code : 'HISTORY_UNUSABLE';
  port.postMessage({ code, message: messageOf(error) } satisfies ReportReply);
}

async function written(db: Database, of: ReportTask): Promise<string> {
  if ('baseline' in of) {
    const runs = new KeptRunSource(db);
    const [a, b] = [of.baseline, of.run].map((id) => finished(() => runs.find(id)));
    return JSON.stringify(compareRuns(a!, b!));
  }
  // A comparison needs none of these.
  const [{ makeDocument }, { REPORT_FORMATS }, { keptSource }] = await Promise.all([
    import('../document/make.ts'),
    import('../document/render/formats.ts'),
    import('./report-source.ts'),
  ]);
  const document = makeDocument({
    runs: [finished(() => keptSource(db, of.run)).run],
    tables: [],
    comparisons: [],
    questions: { users: null, pricePerHour: null, currency: '' },
    version: BUILD.version,
    writtenAt: new Date().toISOString(),
  });
  return REPORT_FORMATS[of.format](document);
}

/** Calls what rejects a run without a summary as wrong usage: over the API that is a conflict. */
function finished<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof SoakError) || error.code !== 'USAGE') throw error;
    throw new SoakError('RUN_ACTIVE', error.message);
  }
}
