import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What secrets of tests look like, also where a browser's Basic scheme has put them into base64. */
const PLANTED = /planted-[A-Za-z0-9]|cGxhbnRlZC|BsYW50ZWQt|wbGFudGVkL/;
const SHOWN = 20;

/** What soakd said in all tests: its output, and the answers that tests have kept. */
export class Transcripts {
  readonly folder = mkdtempSync(join(tmpdir(), 'soakd-transcripts-'));

  /** @returns how much there is, and every line that holds a secret */
  leaks(): { readonly bytes: number; readonly lines: readonly string[] } {
    let bytes = 0;
    const lines: string[] = [];
    for (const file of readdirSync(this.folder)) {
      let what = '';
      for (const line of readFileSync(join(this.folder, file), 'utf8').split('\n')) {
        bytes += line.length + 1;
        if (line.startsWith('=== ')) what = line.slice(4);
        else if (PLANTED.test(line) && lines.length < SHOWN) lines.push(`${what}: ${line.slice(0, 300)}`);
      }
    }
    return { bytes, lines };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
