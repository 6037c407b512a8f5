import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Layout } from '../core/layout.ts';
import { type LayoutRecord, restoreLayout } from './layout-record.ts';
import type { GeneratorWindow, RunStart, RunWrite, TargetWindow } from './records.ts';
import { addPacked } from './rollup.ts';
import { WindowConverter } from './window-converter.ts';

/** Events that a run keeps, the latest; a target that flaps for weeks has more. */
const MAX_EVENTS = 10_000;
/** Described failures that a run keeps of one target and outcome. */
const MAX_FAILURES = 20;
/** Lengths of the windows that are sums, ms, and how many windows of 10 s each has. */
const SUMS = [
  { width: 60_000, parts: 6 },
  { width: 600_000, parts: 60 },
] as const;
const SMALLEST = 10_000;

interface OpenRun {
  readonly id: number;
  /** Layout in which it is kept. */
  readonly layout: Layout;
  /** Absent where its windows come in that layout. */
  readonly converter?: WindowConverter;
}

/** Writes runs to a database. Its methods are called within a transaction. */
export class HistoryStore {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #runs = new Map<string, OpenRun>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Writes records of a run whose start is written already, or with them. */
  write({ run, start, windows, generator, events, failures, states, end }: RunWrite): void {
    if (start !== undefined) this.#start(start);
    const open = this.#runs.get(run) ?? this.#existing(run);
    if (open === undefined) return;
    const { converter } = open;
    for (const window of windows ?? []) {
      const kept = converter === undefined ? window : converter.target(window);
      if (kept !== undefined) this.#window(open, kept);
    }
    for (const window of generator ?? []) this.#generatorWindow(open, converter?.generator(window) ?? window);
    if (events !== undefined && events.length > 0)
      this.#run(
        `DELETE FROM events WHERE run = ?1 AND n <= (
          SELECT n FROM events WHERE run = ?1 ORDER BY n DESC LIMIT 1 OFFSET ${MAX_EVENTS})`,
        open.id,
      );
    for (const { n, at, action, by, detail } of events ?? [])
      this.#run(
        'INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?, ?)',
        open.id,
        n,
        at,
        action,
        by,
        detail,
      );
    for (const result of failures ?? []) {
      const { target, outcome, startedAt } = result;
      const text = JSON.stringify(result);
      this.#run(
        'INSERT INTO failures (run, target, outcome, started_at, result) VALUES (?, ?, ?, ?, ?)',
        open.id,
        target,
        outcome,
        Math.round(startedAt),
        text,
      );
      this.#run(
        `DELETE FROM failures WHERE run = ?1 AND target = ?2 AND outcome = ?3 AND id <= (
          SELECT id FROM failures WHERE run = ?1 AND target = ?2 AND outcome = ?3
          ORDER BY id DESC LIMIT 1 OFFSET ${MAX_FAILURES})`,
        open.id,
        target,
        outcome,
      );
    }
    for (const [key, value] of Object.entries(states ?? {}))
      this.#run('INSERT OR REPLACE INTO states VALUES (?, ?, ?)', open.id, key, value);
    if (end === undefined) return;
    this.#run(
      "UPDATE runs SET state = 'finished', verdict = ?, reason = ?, ended_at = ?, summary = ? WHERE id = ?",
      end.verdict,
      end.reason,
      Math.round(end.endedAt),
      end.summary,
      open.id,
    );
    this.#run('DELETE FROM states WHERE run = ?', open.id);
    this.#runs.delete(run);
  }

  /** Writes a part of the state of the service. */
  putService(key: string, value: Uint8Array): void {
    this.#run('INSERT OR REPLACE INTO service VALUES (?, ?)', key, value);
  }

  /**
   * Closes the open windows of a run of a process that has ended.
   * @param owner lock of the process that continues it; absent: none does
   */
  adopt(run: string, owner: string | undefined): void {
    if (owner !== undefined)
      this.#run('UPDATE runs SET owner = ?, resumes = resumes + 1 WHERE run = ?', owner, run);
    const open = this.#existing(run);
    if (open === undefined) return;
    const windows = this.#prepared(
      `SELECT n, target, from_at AS fromAt, to_at AS toAt, desired, data FROM windows
       WHERE run = ? AND width = ${SMALLEST} AND is_open = 1`,
    ).all(open.id) as unknown as TargetWindow[];
    for (const window of windows) this.#window(open, { ...window, isClosed: true });
    const generator = this.#prepared(
      `SELECT n, from_at AS fromAt, to_at AS toAt, rss_bytes AS rssBytes, cpu_ms AS cpuMs,
         lag_windows AS lagWindows, unreliable, data FROM generator_windows
       WHERE run = ? AND width = ${SMALLEST} AND is_open = 1`,
    ).all(open.id) as unknown as GeneratorWindow[];
    for (const window of generator) this.#generatorWindow(open, { ...window, isClosed: true });
  }

  #start({ run, scenario, source, owner, startedAt, targets, layout, setup }: RunStart): void {
    this.#run('INSERT OR IGNORE INTO layouts (hash, spec) VALUES (?, ?)', layout.hash, layout.spec);
    // Written again where the run is resumed, or where its database was lost.
    this.#run(
      `INSERT OR IGNORE INTO runs (run, scenario, source, owner, state, started_at, targets, layout, setup)
       VALUES (?, ?, ?, ?, 'active', ?, ?, (SELECT id FROM layouts WHERE hash = ?), ?)`,
      run,
      scenario,
      source,
      owner,
      Math.round(startedAt),
      JSON.stringify(targets),
      layout.hash,
      setup,
    );
    const kept = this.#get(
      'SELECT runs.id, targets, hash, spec FROM runs JOIN layouts ON layouts.id = runs.layout WHERE run = ?',
      run,
    ) as unknown as LayoutRow;
    const own = restoreLayout(targets, layout).kept;
    const isSame = kept.hash === layout.hash && kept.targets === JSON.stringify(targets);
    this.#runs.set(run, isSame ? { id: kept.id, layout: own } : converted(kept, own));
  }

  /** Returns a run that another process began. */
  #existing(run: string): OpenRun | undefined {
    const row = this.#get(
      'SELECT runs.id, targets, hash, spec FROM runs JOIN layouts ON layouts.id = runs.layout WHERE run = ?',
      run,
    ) as unknown as LayoutRow | undefined;
    return row && { id: row.id, layout: keptLayout(row) };
  }

  #window(open: OpenRun, window: TargetWindow): void {
    const { n, target, fromAt, toAt, desired, data, isClosed } = window;
    this.#putWindow(open.id, SMALLEST, n, target, fromAt, toAt, desired, isClosed ? 0 : 1, data);
    if (!isClosed) return;
    const { slots } = open.layout;
    const { start, end } = slots[target]!;
    for (const { width, parts } of SUMS) {
      const place = Math.floor(n / parts);
      const sum = this.#get(
        'SELECT from_at, to_at, desired, data FROM windows WHERE run = ? AND width = ? AND n = ? AND target = ?',
        open.id,
        width,
        place,
        target,
      ) as { from_at: number; to_at: number; desired: number; data: Uint8Array } | undefined;
      if (sum === undefined) {
        this.#putWindow(open.id, width, place, target, fromAt, toAt, desired, 0, data);
        continue;
      }
      const before = sum.to_at - sum.from_at;
      const own = toAt - fromAt;
      const mean = (sum.desired * before + desired * own) / Math.max(1, before + own);
      const both = addPacked(open.layout, start, end, sum.data, data);
      this.#putWindow(open.id, width, place, target, sum.from_at, toAt, mean, 0, both);
    }
  }

  #putWindow(...values: readonly (number | Uint8Array)[]): void {
    // In place: a row that is replaced leaves a hole behind.
    this.#run(
      `INSERT INTO windows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET from_at = excluded.from_at,
         to_at = excluded.to_at, desired = excluded.desired, is_open = excluded.is_open, data = excluded.data`,
      ...values,
    );
  }

  #generatorWindow(open: OpenRun, window: GeneratorWindow): void {
    this.#putGenerator(open.id, SMALLEST, window);
    if (!window.isClosed) return;
    const { sharedStart, size } = open.layout;
    for (const { width, parts } of SUMS) {
      const n = Math.floor(window.n / parts);
      const sum = this.#get(
        'SELECT * FROM generator_windows WHERE run = ? AND width = ? AND n = ?',
        open.id,
        width,
        n,
      ) as
        | {
            from_at: number;
            rss_bytes: number;
            cpu_ms: number;
            lag_windows: number;
            unreliable: number;
            data: Uint8Array;
          }
        | undefined;
      if (sum === undefined) this.#putGenerator(open.id, width, { ...window, n });
      else
        this.#putGenerator(open.id, width, {
          n,
          isClosed: true,
          fromAt: sum.from_at,
          toAt: window.toAt,
          rssBytes: Math.max(sum.rss_bytes, window.rssBytes),
          cpuMs: sum.cpu_ms + window.cpuMs,
          lagWindows: sum.lag_windows + window.lagWindows,
          unreliable: sum.unreliable + window.unreliable,
          data: addPacked(open.layout, sharedStart, size, sum.data, window.data),
        });
    }
  }

  #putGenerator(
    run: number,
    width: number,
    { n, fromAt, toAt, rssBytes, cpuMs, lagWindows, unreliable, isClosed, data }: GeneratorWindow,
  ): void {
    this.#run(
      `INSERT INTO generator_windows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         from_at = excluded.from_at, to_at = excluded.to_at, rss_bytes = excluded.rss_bytes, cpu_ms = excluded.cpu_ms,
         lag_windows = excluded.lag_windows, unreliable = excluded.unreliable, is_open = excluded.is_open,
         data = excluded.data`,
      run,
      width,
      n,
      fromAt,
      toAt,
      rssBytes,
      cpuMs,
      lagWindows,
      unreliable,
      isClosed ? 0 : 1,
      data,
    );
  }

  #run(sql: string, ...values: readonly (string | number | Uint8Array | null)[]): void {
    this.#prepared(sql).run(...values);
  }

  #get(sql: string, ...values: readonly (string | number)[]): Record<string, unknown> | undefined {
    return this.#prepared(sql).get(...values);
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#db.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }
}

interface LayoutRow extends LayoutRecord {
  readonly id: number;
  /** JSON. */
  readonly targets: string;
}

function keptLayout(row: LayoutRow): Layout {
  return restoreLayout(JSON.parse(row.targets) as string[], row).kept;
}

/** @param own layout of the process that continues the run */
function converted(row: LayoutRow, own: Layout): OpenRun {
  const layout = keptLayout(row);
  return { id: row.id, layout, converter: new WindowConverter(own, layout) };
}
