import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it, where they are missing. Node's recursive mkdir never returns where a file system
 * denies that a folder exists which it does not let anyone make, as /proc does.
 * @throws ErrnoException
 */
export function makeFolders(path: string, mode = 0o777): void {
  const missing: string[] = [];
  let nearest = resolve(path);
  while (!existsSync(nearest) && dirname(nearest) !== nearest) {
    missing.unshift(nearest);
    nearest = dirname(nearest);
  }
  for (const folder of missing) makeFolder(folder, mode);
  // A file in its place: the error of mkdir says so.
  if (!statSync(path).isDirectory()) mkdirSync(path);
}

function makeFolder(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
