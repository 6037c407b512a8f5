import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** What is running, for `soak_build_info`. */
export const BUILD = {
  version: manifest.version,
  /** The environment's, where an image sets it; in a package the commit it was built from, in a checkout its own. */
  revision: process.env.SOAKD_REVISION ?? built() ?? checkedOut() ?? 'unknown',
  nodeVersion: process.version,
} as const;

/** @returns the revision that the build wrote beside this file; absent in a checkout */
function built(): string | undefined {
  try {
    return readFileSync(new URL('./revision', import.meta.url), 'utf8').trim();
  } catch {
    return undefined;
  }
}

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
