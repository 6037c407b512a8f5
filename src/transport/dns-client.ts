import dns, { type LookupAddress } from 'node:dns';
import type { Network } from './dial.ts';

/** Timeout of one query to one server, ms; there are two tries. */
const ANSWER_MS = 2000;
/** Bounds of how long an answer is kept, ms: thousands of users that dial at once are one question, and a name that moves is noticed. */
const KEPT_MS = { least: 1000, most: 60_000 } as const;

interface Answer {
  readonly error: Error | null;
  readonly addresses: LookupAddress[];
  readonly ttlMs: number;
}

type Waiting = Parameters<Network['lookup']>[1];

/**
 * Asks DNS servers of one's own. Answers are kept for as long as they say, from one second to a minute, failures for a
 * second. Names are those of targets, so what is kept is bounded by the configuration.
 */
export class DnsClient {
  readonly #resolver: dns.Resolver;
  readonly #clock: () => number;
  readonly #known = new Map<string, Answer & { readonly untilMs: number }>();
  readonly #waiting = new Map<string, Waiting[]>();

  /** @param servers `address` or `address:port`, as `dns.setServers` takes them */
  constructor(servers: readonly string[], clock: () => number = () => performance.now()) {
    this.#resolver = new dns.Resolver({ timeout: ANSWER_MS, tries: 2 });
    this.#resolver.setServers(servers);
    this.#clock = clock;
  }

  lookup: Network['lookup'] = (host, done) => {
    const known = this.#known.get(host);
    if (known !== undefined && this.#clock() < known.untilMs) {
      process.nextTick(done, known.error, known.addresses);
      return;
    }
    const waiting = this.#waiting.get(host);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    this.#waiting.set(host, [done]);
    void this.#ask(host).then((answer) => {
      const untilMs = this.#clock() + Math.min(Math.max(answer.ttlMs, KEPT_MS.least), KEPT_MS.most);
      this.#known.set(host, { ...answer, untilMs });
      const asked = this.#waiting.get(host)!;
      this.#waiting.delete(host);
      for (const settle of asked) settle(answer.error, answer.addresses);
    });
  };

  async #ask(host: string): Promise<Answer> {
    // IPv6 first, the system's order where it has a route for IPv6; without a route such a dial fails at
    // once.
    const [six, four] = await Promise.all([this.#records(host, 6), this.#records(host, 4)]);
    const addresses = [...six.addresses, ...four.addresses];
    if (addresses.length > 0) return { error: null, addresses, ttlMs: Math.min(six.ttlMs, four.ttlMs) };
    // A failed query for one kind of record matters more than the absence of the other kind.
    const error = [four.error, six.error].find((e) => e !== null && e.code !== 'ENODATA') ?? four.error;
    return { error, addresses: [], ttlMs: 0 };
  }

  #records(
    host: string,
    family: 4 | 6,
  ): Promise<{ error: NodeJS.ErrnoException | null; addresses: LookupAddress[]; ttlMs: number }> {
    return new Promise((resolve) => {
      const answer = (
        error: NodeJS.ErrnoException | null,
        records: { address: string; ttl: number }[] = [],
      ): void => {
        const addresses = records.map(({ address }) => ({ address, family }));
        resolve({ error, addresses, ttlMs: Math.min(...records.map(({ ttl }) => ttl * 1000)) });
      };
      if (family === 4) this.#resolver.resolve4(host, { ttl: true }, answer);
      else this.#resolver.resolve6(host, { ttl: true }, answer);
    });
  }
}
