import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { messageOf, SoakError } from '../core/errors.ts';
import { REPORT_FORMATS, type ReportFormat } from '../document/render/formats.ts';

/** Endings of files, by format. */
const ENDINGS: Readonly<Record<string, ReportFormat>> = {
  html: 'html',
  htm: 'html',
  md: 'md',
  markdown: 'md',
  json: 'json',
};

/**
 * Returns the format of a report: the one that is asked for, else that of the ending of the file, else a page in a file and
 * Markdown on standard output.
 * @throws SoakError USAGE for an unknown format
 */
export function reportFormat(asked: string | undefined, file: string | undefined): ReportFormat {
  if (asked === undefined) {
    const ending = file?.split('.').at(-1)?.toLowerCase() ?? '';
    if (Object.hasOwn(ENDINGS, ending)) return ENDINGS[ending]!;
    return file === undefined ? 'md' : 'html';
  }
  if (Object.hasOwn(REPORT_FORMATS, asked)) return asked as ReportFormat;
  throw new SoakError(
    'USAGE',
    `found the format ${JSON.stringify(asked.slice(0, 40))}, expected one of ${Object.keys(REPORT_FORMATS).join(', ')}`,
  );
}

/**
 * Writes a report to a file or to standard output.
 * @param file replaced as a whole; absent: standard output
 * @throws SoakError CANNOT_START
 */
export function writeReport(text: string, file: string | undefined): void {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  const part = `${file}.part`;
  try {
    writeFileSync(part, text);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw new SoakError('CANNOT_START', `${file} cannot be written: ${messageOf(error)}`, [], error);
  }
}
