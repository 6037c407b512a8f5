/** One line of a scrape. */
interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A scrape in Prometheus' text format, read strictly: what is not understood throws. */
export interface Scrape {
  readonly samples: readonly Sample[];
  readonly types: ReadonlyMap<string, string>;
  readonly helps: ReadonlyMap<string, string>;
  /** @returns the only sample with this name and these labels among its own */
  value(name: string, labels?: Readonly<Record<string, string>>): number;
  all(name: string, labels?: Readonly<Record<string, string>>): Sample[];
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)",?/y;
const ESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

export function readScrape(text: string): Scrape {
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  const helps = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment !== null) {
      const into = comment[1] === 'HELP' ? helps : types;
      if (into.has(comment[2]!)) throw new Error(`twice: ${line}`);
      into.set(comment[2]!, comment[3]!);
      continue;
    }
    const match = LINE.exec(line);
    if (match === null) throw new Error(`not a sample: ${line}`);
    const value = match[3] === '+Inf' ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (Number.isNaN(value)) throw new Error(`not a number: ${line}`);
    samples.push({ name: match[1]!, labels: readLabels(match[2] ?? ''), value });
  }
  const all = (name: string, labels: Readonly<Record<string, string>> = {}): Sample[] =>
    samples.filter((s) => s.name === name && Object.entries(labels).every(([k, v]) => s.labels[k] === v));
  return {
    samples,
    types,
    helps,
    all,
    value(name, labels) {
      const found = all(name, labels);
      if (found.length !== 1) throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`);
      return found[0]!.value;
    },
  };
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text);
    if (match === null || match[1]! in labels) throw new Error(`not labels: ${text}`);
    labels[match[1]!] = match[2]!.replace(/\\[\\"n]/g, (e) => ESCAPES[e]!);
  }
  return labels;
}
