import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RuleGroup } from '../../../src/gen/rules.ts';

const PROMTOOL = process.env.PROMTOOL ?? 'promtool';

export interface Output {
  readonly ok: boolean;
  readonly text: string;
}

/** A folder of rules and of tests, and promtool in it. */
export class Workshop {
  readonly #folder = mkdtempSync(join(tmpdir(), 'soakd-mutants-'));

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  writeRules(name: string, groups: readonly RuleGroup[]): void {
    this.write(name, stringify({ groups }, { lineWidth: 0, aliasDuplicateObjects: false }));
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), text);
  }

  /** Runs promtool in the folder and returns what it wrote, whatever its exit code. */
  promtool(...args: string[]): Promise<Output> {
    // Less garbage collection: a third of its time.
    const options = { cwd: this.#folder, env: { ...process.env, GOGC: '400' }, maxBuffer: 2 ** 30 };
    return new Promise((resolve, reject) => {
      execFile(PROMTOOL, args, options, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') reject(error);
        else resolve({ ok: error === null, text: `${stdout}\n${stderr}` });
      });
    });
  }
}
