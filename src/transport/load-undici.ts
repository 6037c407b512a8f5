import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * Returns undici, which the first call in a thread loads: a thread whose streams all use other transports does without its
 * modules.
 */
export function loadUndici(): typeof import('undici') {
  return require('undici');
}
