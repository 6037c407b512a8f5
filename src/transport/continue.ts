const STATUS_LINE = Buffer.from('HTTP/1.1 100');
const END_OF_HEAD = Buffer.from('\r\n\r\n');
/** A head that has not ended by then is left to the parser. */
const MAX_HEAD = 16_384;

/**
 * Takes `100 Continue` off the front of a response. Servers may send it unasked and a client has to put up
 * with it (RFC 9110, 15.2), but undici takes it for a bad response.
 */
export class ContinueFilter {
  #held: Buffer | undefined;
  /** Nothing is looked at any more: another head has begun. */
  passed = true;

  /** The next bytes begin a response. */
  expect(): void {
    this.passed = false;
    this.#held = undefined;
  }

  /** @returns the bytes to parse; `undefined` while too few have arrived to decide */
  take(bytes: Buffer): Buffer | undefined {
    let rest = this.#held === undefined ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = undefined;
    while (rest.length > 0) {
      const compared = Math.min(rest.length, STATUS_LINE.length);
      const end = rest.indexOf(END_OF_HEAD);
      if (rest.compare(STATUS_LINE, 0, compared, 0, compared) !== 0 || (end < 0 && rest.length > MAX_HEAD)) {
        this.passed = true;
        return rest;
      }
      if (end < 0) {
        this.#held = rest;
        return undefined;
      }
      rest = rest.subarray(end + END_OF_HEAD.length);
    }
    return undefined;
  }
}
