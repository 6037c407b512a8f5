/** Prints one line for each thing that was looked at, and knows in the end whether all was well. */
export class Checks {
  #failed = 0;
  #passed = 0;
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /**
   * @param what that holds, as a sentence without a dot
   * @param look throws when it does not hold; what it returns is printed as evidence
   * @returns whether it held: what depends on it need not be tried when it did not
   */
  async that(what: string, look: () => Promise<string> | string): Promise<boolean> {
    try {
      this.#print(`ok    ${what}: ${await look()}`);
      this.#passed++;
      return true;
    } catch (error) {
      this.#print(`FAIL  ${what}: ${error instanceof Error ? error.message : String(error)}`);
      this.#failed++;
      return false;
    }
  }

  get passed(): number {
    return this.#passed;
  }

  get failed(): number {
    return this.#failed;
  }
}
