import { join } from 'node:path';

/** The checkout. */
export const ROOT = join(import.meta.dirname, '../..');
/** What is installed for the comparison: nothing of it is committed. */
export const CACHE = join(ROOT, 'bench/.peers');
export const SCRIPTS = join(import.meta.dirname, 'scripts');
