import { after, before, describe } from 'node:test';
import { TRANSPORTS, type Transport } from '../../src/core/target.ts';

let present: Transport = 'undici';

/** What targets of this file are reached by, where a test does not say. */
export function transport(): Transport {
  return present;
}

/** Makes the same tests once for each transport. */
export function throughEach(tests: (transport: Transport) => void): void {
  for (const one of TRANSPORTS) {
    describe(one, () => {
      before(() => {
        present = one;
      });
      after(() => {
        present = 'undici';
      });
      tests(one);
    });
  }
}
