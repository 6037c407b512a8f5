/** Methods of every path, for `Allow`. The router itself only knows whether a path has one method. */
export class RouteMethods {
  readonly #routes = new Map<string, string[]>();

  /** @param pattern path of a route; a segment that starts with `:` is a parameter */
  add(pattern: string, methods: readonly string[]): void {
    this.#routes.set(pattern, [...(this.#routes.get(pattern) ?? []), ...methods]);
  }

  /** Returns all methods that some path has. */
  all(): readonly string[] {
    return [...new Set([...this.#routes.values()].flat())].sort();
  }

  /**
   * Returns the methods of a path; `undefined`: it has none. A fixed route goes before one with a parameter, as in the
   * router, which decodes a path before it compares.
   * @param path as sent, without its query
   */
  of(path: string): readonly string[] | undefined {
    const steps = decoded(path).split('/');
    const matches = (pattern: string): boolean => {
      const own = pattern.split('/');
      return (
        own.length === steps.length &&
        own.every((s, i) => s === steps[i] || (s[0] === ':' && steps[i] !== ''))
      );
    };
    const fixed = this.#routes.get(steps.join('/'));
    return fixed ?? [...this.#routes].find(([pattern]) => pattern.includes('/:') && matches(pattern))?.[1];
  }
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
