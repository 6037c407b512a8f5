const UNIT_BPS = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 } as const;

/** @returns bits a second of a text such as `1mbit` or `64kbit/s`, `undefined` where it is none */
export function parseBandwidth(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(bit|kbit|mbit|gbit)(?:\/s)?$/i.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const bps = Number(amount) * UNIT_BPS[unit!.toLowerCase() as keyof typeof UNIT_BPS];
  return bps > 0 ? bps : undefined;
}

/** Writes bits a second for a person: `1.5 mbit/s`. */
export function formatBandwidth(bps: number): string {
  const [unit, size] =
    Object.entries(UNIT_BPS)
      .reverse()
      .find(([, s]) => bps >= s) ?? (['bit', 1] as const);
  return `${Number((bps / size).toPrecision(3))} ${unit}/s`;
}
