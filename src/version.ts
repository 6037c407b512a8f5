import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** What is running, for `soak_build_info`. */
export const BUILD = {
  version: manifest.version,
  /** Set where an image or package is built; in a checkout the commit. */
  revision: process.env.SOAKD_REVISION ?? checkedOut() ?? 'unknown',
  nodeVersion: process.version,
} as const;

/** @returns the commit that is checked out, read from git's own files; absent outside a checkout */
function checkedOut(): string | undefined {
  const git = (path: string): string =>
    readFileSync(new URL(`../.git/${path}`, import.meta.url), 'utf8').trim();
  try {
    const head = git('HEAD');
    const ref = /^ref: (.*)$/.exec(head)?.[1];
    return (ref === undefined ? head : git(ref)).slice(0, 12);
  } catch {
    return undefined;
  }
}
