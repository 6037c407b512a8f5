import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Said {
  readonly status: number | null;
  readonly text: string;
}

/** Runs a program to its end, in `cwd`. */
export function said(program: string, args: readonly string[], cwd?: string): Said {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 60_000,
    ...(cwd === undefined ? {} : { cwd }),
  });
  return { status, text: error === undefined ? stdout + stderr : String(error) };
}

/** Calls with a folder that holds these files, and removes it. */
export function withFiles<T>(files: Readonly<Record<string, string>>, call: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'soakd-files-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return call(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
