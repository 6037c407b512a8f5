import assert from 'node:assert/strict';
import { SoakError } from '../../src/core/errors.ts';

/** @returns what an attempt throws; it must be an error that is meant for people */
export function problemsOf(attempt: () => unknown): SoakError {
  try {
    attempt();
  } catch (error) {
    assert.ok(error instanceof SoakError, `not an error for people: ${String(error)}`);
    assert.equal(error.message, error.details[0]);
    assert.doesNotMatch(error.details.join('\n'), /\n\s+at /);
    return error;
  }
  assert.fail('nothing was thrown');
}
