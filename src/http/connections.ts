/** Share of all connections that one client may have, rounded up. */
const CLIENT_SHARE = 0.25;

/** Returns the connections that one client may have. @param most connections of all clients */
export function mostOfClient(most: number): number {
  return Math.ceil(most * CLIENT_SHARE);
}

/**
 * Open connections by client, and which of them to close for another one: the one in which nothing has happened for the
 * longest, of the client itself if it has its share, else of the client with the most. So a client that holds many
 * connections shuts out neither others nor itself.
 */
export class Connections<C> {
  readonly #isBusy: (connection: C) => boolean;
  /** By client: connections in the order of what happened last in each. */
  readonly #clients = new Map<string, Set<C>>();
  #size = 0;

  /** @param isBusy whether soakd works on a complete request of a connection: such a connection is never closed */
  constructor(isBusy: (connection: C) => boolean) {
    this.#isBusy = isBusy;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Takes a connection in, unless there is no room.
   * @param most connections of all clients; it may be less than before
   * @returns connections to close, no longer counted; `undefined`: close the new one, for all others are busy
   */
  admit(connection: C, client: string, most: number): readonly C[] | undefined {
    const own = this.#clients.get(client);
    const closed: C[] = [];
    if (own !== undefined && own.size >= mostOfClient(most)) {
      const silent = this.#silentIn(own);
      if (silent === undefined) return undefined;
      closed.push(silent);
      this.remove(silent, client);
    }
    while (this.#size >= most) {
      const found = this.#silentOfLargest();
      if (found === undefined) return closed.length > 0 ? this.#add(connection, client, closed) : undefined;
      closed.push(found.connection);
      this.remove(found.connection, found.client);
    }
    return this.#add(connection, client, closed);
  }

  /** Notes that something has happened in a connection. */
  touch(connection: C, client: string): void {
    const own = this.#clients.get(client);
    if (own?.delete(connection) === true) own.add(connection);
  }

  /** Does nothing for a connection that is not counted. */
  remove(connection: C, client: string): void {
    const own = this.#clients.get(client);
    if (own?.delete(connection) !== true) return;
    this.#size--;
    if (own.size === 0) this.#clients.delete(client);
  }

  #add(connection: C, client: string, closed: readonly C[]): readonly C[] {
    const own = this.#clients.get(client) ?? new Set();
    own.add(connection);
    this.#clients.set(client, own);
    this.#size++;
    return closed;
  }

  #silentIn(own: ReadonlySet<C>): C | undefined {
    for (const connection of own) if (!this.#isBusy(connection)) return connection;
    return undefined;
  }

  #silentOfLargest(): { readonly connection: C; readonly client: string } | undefined {
    let found: { readonly connection: C; readonly client: string; readonly size: number } | undefined;
    for (const [client, own] of this.#clients) {
      if (found !== undefined && own.size <= found.size) continue;
      const connection = this.#silentIn(own);
      if (connection !== undefined) found = { connection, client, size: own.size };
    }
    return found;
  }
}
