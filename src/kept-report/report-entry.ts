import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, SoakError } from '../core/errors.ts';
import { makeDocument } from '../document/make.ts';
import { REPORT_FORMATS } from '../document/render/formats.ts';
import { openDatabase } from '../history/database.ts';
import { HistoryReader } from '../history/reader.ts';
import { BUILD } from '../version.ts';
import { keptSource } from './report-source.ts';
import type { ReportReply, ReportRequest } from './report-thread.ts';

const { path, run, format } = workerData as ReportRequest;
const port = parentPort!;

try {
  // Beside the thread of the history, which continues to write.
  const db = openDatabase(path, { readOnly: true });
  const reader = new HistoryReader(db);
  if (reader.show(run).summary === null)
    throw new SoakError('RUN_ACTIVE', `run ${run} is active, or ended with its process: it has no summary`);
  const document = makeDocument({
    runs: [keptSource(db, run).run],
    tables: [],
    comparisons: [],
    questions: { users: null, pricePerHour: null, currency: '' },
    version: BUILD.version,
    writtenAt: new Date().toISOString(),
  });
  db.close();
  const text = new TextEncoder().encode(await REPORT_FORMATS[format](document));
  port.postMessage({ text } satisfies ReportReply, [text.buffer]);
} catch (error) {
  const isSqlite = (error as { code?: unknown }).code === 'ERR_SQLITE_ERROR';
  if (!(error instanceof SoakError) && !isSqlite) throw error;
  const code = error instanceof SoakError ? error.code : 'HISTORY_UNUSABLE';
  port.postMessage({ code, message: messageOf(error) } satisfies ReportReply);
}
