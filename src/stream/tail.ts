/** The last bytes of a body. */
export class Tail {
  readonly #limit: number;
  #bytes: Buffer = Buffer.alloc(0);

  /** @param limit bytes that are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  push(bytes: Uint8Array): void {
    const end = bytes.subarray(Math.max(0, bytes.length - this.#limit));
    const kept = Math.min(this.#bytes.length, this.#limit - end.length);
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#bytes.length - kept), end]);
  }

  /**
   * @param secrets values that are left out wherever they stand, also where only their end is left
   * @returns the text, with control characters escaped
   */
  text(secrets: readonly string[]): string {
    let text = this.#bytes.toString('utf8');
    for (const secret of secrets) {
      text = text.replaceAll(secret, '[redacted]');
      // The tail may begin in the middle of one.
      for (let n = Math.min(secret.length - 1, text.length); n >= 4; n--) {
        if (!text.startsWith(secret.slice(-n))) continue;
        text = `[redacted]${text.slice(n)}`;
        break;
      }
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (c) =>
      JSON.stringify(c)
        .slice(1, -1)
        .replace(/^[^\\]$/, escapeCode),
    );
  }
}

function escapeCode(c: string): string {
  return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
