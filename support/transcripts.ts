import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Keeps what a program under test said, where `npm test` asks for it: at the end it looks through all of it for
 * secrets, which in tests begin with `planted-`.
 */
export function keep(what: string, text: string): void {
  const folder = process.env.SOAKD_TRANSCRIPTS;
  if (folder !== undefined) appendFileSync(join(folder, `${process.pid}.txt`), `=== ${what}\n${text}\n`);
}
