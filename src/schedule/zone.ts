/** A time zone of the IANA database, as this Node knows it. */
export class Zone {
  readonly #format: Intl.DateTimeFormat;

  /** @throws RangeError for a name that is not in the IANA database */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** @returns by how much the wall clock is ahead of UTC at this instant, ms */
  offsetAt(instantMs: number): number {
    const whole = Math.floor(instantMs / 1000) * 1000;
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(whole)) part[type] = Number(value);
    const { year, month, day, hour, minute, second } = part as Record<
      'year' | 'month' | 'day' | 'hour' | 'minute' | 'second',
      number
    >;
    return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
  }

  /**
   * When the offset changes between two instants that differ in it.
   * @returns the first instant of the new offset, whole seconds
   */
  changeBetween(beforeMs: number, afterMs: number): number {
    const old = this.offsetAt(beforeMs);
    let low = Math.floor(beforeMs / 1000);
    let high = Math.ceil(afterMs / 1000);
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle * 1000) === old) low = middle;
      else high = middle;
    }
    return high * 1000;
  }
}

/** @returns whether it is a name of the IANA database; a plain offset (`+01:00`) is not */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Zone(name);
    return true;
  } catch {
    return false;
  }
}

/** @returns the names that a person may have meant */
export function zoneNames(): readonly string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')];
}
