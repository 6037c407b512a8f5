import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { IrregularFileError } from '../config/regular-file.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import type { Database } from '../history/database.ts';
import type { WIDTHS } from '../history/kept-window.ts';
import { openMetrics } from '../history/open-metrics.ts';
import { HistoryReader } from '../history/reader.ts';
import { windowRecords, windowsCsv } from '../history/window-export.ts';
import { viewOf } from '../http/views.ts';
import { openOutputFile, realOutputPath } from './output-file.ts';
import { outputOf } from './stdio.ts';

type Width = (typeof WIDTHS)[string];

export interface ExportOptions {
  readonly width: Width;
  readonly labels: Readonly<Record<string, string>>;
}

/** Formats of an export, by name. Each yields the text in parts. */
export const EXPORT_FORMATS = {
  csv: (reader, ref, { width }) => windowsCsv(reader, ref, width),
  openmetrics: (reader, ref, options) => openMetrics(reader, ref, options),
  json: (reader, ref, { width }) => wholeRun(reader, ref, width),
} as const satisfies Record<
  string,
  (reader: HistoryReader, ref: string, options: ExportOptions) => Iterable<string>
>;
export type ExportFormat = keyof typeof EXPORT_FORMATS;

/** Yields a run with its windows as one JSON object. */
function* wholeRun(reader: HistoryReader, ref: string, width: Width): Generator<string> {
  const run = reader.show(ref);
  yield `{"run":${JSON.stringify(viewOf(run))},"widthMs":${width},"windows":[`;
  let separator = '\n';
  for (const row of windowRecords(reader, run.id, width)) {
    yield `${separator}${JSON.stringify(viewOf(row))}`;
    separator = ',\n';
  }
  yield ']}\n';
}

/**
 * Writes a run to a file or to standard output, in parts, as fast as they are read.
 * @param file replaced once the export is complete; absent: standard output
 * @throws SoakError RUN_UNKNOWN, CANNOT_START
 */
export async function exportRun(
  db: Database,
  ref: string,
  { format, file, ...options }: ExportOptions & { readonly format: ExportFormat; readonly file?: string },
): Promise<void> {
  const reader = new HistoryReader(db);
  const parts = Readable.from(EXPORT_FORMATS[format](reader, reader.resolve(ref), options));
  if (file === undefined) return printParts(parts);
  let part: string | undefined;
  try {
    const real = realOutputPath(file);
    part = `${real}.part`;
    await pipeline(parts, createWriteStream('', { fd: openOutputFile(part, 'replace') }));
    renameSync(part, real);
  } catch (error) {
    const isIrregular = error instanceof IrregularFileError;
    // What is no file there is not ours.
    if (part !== undefined && !isIrregular) rmSync(part, { force: true });
    if ((error as NodeJS.ErrnoException).syscall === undefined && !isIrregular) throw error;
    throw new SoakError('CANNOT_START', `${file} cannot be written: ${messageOf(error)}`, [], error);
  }
}

/** Ends early where the output fails: a reader that closed the pipe has what it wants. */
async function printParts(parts: Readable): Promise<void> {
  const output = outputOf(process.stdout);
  for await (const part of parts) {
    if (output.failing !== undefined) break;
    if (!output.write(part)) await once(output, 'drain');
  }
}
