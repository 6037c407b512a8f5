import type { DatabaseSync } from 'node:sqlite';
import type { RunEvent } from '../core/control.ts';
import { SoakError } from '../core/errors.ts';
import { unpackValues } from '../core/packed-values.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { Objective, Timeouts } from '../core/target.ts';
import type { KeptWindow, WindowQuery } from './kept-window.ts';
import { type LayoutRecord, restoreLayout } from './layout-record.ts';
import { type RunSource, WINDOW_WIDTHS_MS, type WindowWidth } from './records.ts';
import { readRows } from './row-reader.ts';
import { chosenColumns, type WindowRow } from './window-row.ts';

/** A run in the list of runs. Times are calendar times, ms since 1970. */
export interface KeptRun {
  readonly id: string;
  readonly scenario: string;
  readonly source: RunSource;
  readonly state: 'active' | 'finished';
  /** `null` while it is active. */
  readonly verdict: string | null;
  readonly verdictReason: string | null;
  readonly endReason: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly pinned: boolean;
  /** How often it was resumed after the end of its process. */
  readonly resumes: number;
  readonly targets: readonly string[];
}

/** A run with everything but its windows. */
export interface KeptRunDetail extends KeptRun {
  /** Setup of the run, as `summary.setup`. */
  readonly setup: unknown;
  /** Summary; `null` while it is active. */
  readonly summary: unknown;
  readonly events: readonly RunEvent[];
  readonly failures: readonly StreamResult[];
}

/** A page of windows. */
export interface WindowPage {
  /** Id of the run. */
  readonly run: string;
  readonly widthMs: number;
  readonly windows: readonly WindowRow[];
  /** Place from which the next page begins; `null`: there are no more windows now. */
  readonly next: number | null;
}

/** Place of a window in its run, and its calendar times, ms since 1970. */
export interface WindowTime {
  readonly n: number;
  readonly fromAt: number;
  readonly toAt: number;
}

/** Parts of the setup of a run that the history itself reads; an older soakd may have left them out. */
export interface KeptSetup {
  readonly targets?: readonly {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly timeouts?: Timeouts;
    readonly objective?: Objective | null;
  }[];
}

export interface RunQuery {
  readonly scenario?: string;
  readonly verdict?: string;
  /** Only runs that started before this run. */
  readonly before?: string;
  readonly limit: number;
}

/** Layout in which the values of a run are kept. */
export interface KeptLayout {
  readonly targets: readonly string[];
  readonly record: LayoutRecord;
}

const [SMALLEST] = WINDOW_WIDTHS_MS;
const COLUMNS = `run AS id, scenario, source, state, verdict, reason, started_at, ended_at, pinned, resumes, targets,
  json_extract(summary, '$.verdictReason') AS verdict_reason`;

interface RunRow {
  readonly id: string;
  readonly scenario: string;
  readonly source: RunSource;
  readonly state: 'active' | 'finished';
  readonly verdict: string | null;
  readonly reason: string | null;
  readonly verdict_reason: string | null;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly pinned: number;
  readonly resumes: number;
  readonly targets: string;
}

function keptRun(row: RunRow): KeptRun {
  return {
    id: row.id,
    scenario: row.scenario,
    source: row.source,
    state: row.state,
    verdict: row.verdict,
    verdictReason: row.verdict_reason,
    endReason: row.reason,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    pinned: row.pinned === 1,
    resumes: row.resumes,
    targets: JSON.parse(row.targets) as string[],
  };
}

/** Values of a page: the thread of the history does not write while it reads one. */
const MAX_CELLS = 50_000;

/** Reads runs from a database. */
export class HistoryReader {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Returns runs, the newest first. @throws SoakError RUN_UNKNOWN if there is no run `before` */
  list({ scenario, verdict, before, limit }: RunQuery): KeptRun[] {
    const last = before === undefined ? null : this.resolve(before);
    const rows = this.#db
      .prepare(
        `SELECT ${COLUMNS} FROM runs
         WHERE (?1 IS NULL OR scenario = ?1) AND (?2 IS NULL OR verdict = ?2)
           AND (?3 IS NULL OR (started_at, id) < (SELECT started_at, id FROM runs WHERE run = ?3))
         ORDER BY started_at DESC, runs.id DESC LIMIT ?4`,
      )
      .all(scenario ?? null, verdict ?? null, last, limit);
    return (rows as unknown as RunRow[]).map(keptRun);
  }

  /**
   * Returns the id of a run.
   * @param ref an id, the start of one that no other run has, `last` (finished), or `last-pass`
   * @throws SoakError RUN_UNKNOWN
   */
  resolve(ref: string): string {
    const only = (sql: string, ...values: string[]): string[] =>
      this.#db
        .prepare(sql)
        .all(...values)
        .map((row) => row.run as string);
    if (ref === 'last' || ref === 'last-pass') {
      const passed = ref === 'last' ? '' : "AND verdict = 'pass'";
      const [id] = only(
        `SELECT run FROM runs WHERE state = 'finished' ${passed} ORDER BY started_at DESC, id DESC LIMIT 1`,
      );
      if (id !== undefined) return id;
      throw new SoakError(
        'RUN_UNKNOWN',
        ref === 'last' ? 'the history has no finished run' : 'the history has no run that passed',
      );
    }
    const escaped = ref.replace(/[\\%_]/g, '\\$&');
    const found = only(
      "SELECT run FROM runs WHERE run = ?1 OR run LIKE ?2 ESCAPE '\\' ORDER BY run = ?1 DESC LIMIT 2",
      ref,
      `${escaped}%`,
    );
    if (found.length === 1 || found[0] === ref) return found[0]!;
    throw new SoakError(
      'RUN_UNKNOWN',
      found.length === 0
        ? `the history has no run "${ref.slice(0, 80)}"; soakd runs list shows all`
        : `"${ref}" is the start of several run ids, such as ${found.join(' and ')}; give more of it`,
    );
  }

  /** Returns a run. @param id as {@link resolve} returns it */
  run(id: string): KeptRun {
    const row = this.#db.prepare(`SELECT ${COLUMNS} FROM runs WHERE run = ?`).get(id);
    return keptRun(row as unknown as RunRow);
  }

  /** Returns a run with its events and failures. @throws SoakError RUN_UNKNOWN */
  show(ref: string): KeptRunDetail {
    const id = this.resolve(ref);
    const row = this.#db
      .prepare(`SELECT ${COLUMNS}, runs.id AS key, setup, summary FROM runs WHERE run = ?`)
      .get(id) as unknown as RunRow & { key: number; setup: string; summary: string | null };
    const events = this.#db
      .prepare('SELECT at, action, by, detail FROM events WHERE run = ? ORDER BY n')
      .all(row.key) as unknown as RunEvent[];
    const failures = this.#db
      .prepare('SELECT result FROM failures WHERE run = ? ORDER BY id DESC')
      .all(row.key)
      .map(({ result }) => JSON.parse(result as string) as StreamResult);
    return {
      ...keptRun(row),
      setup: JSON.parse(row.setup),
      summary: row.summary === null ? null : JSON.parse(row.summary),
      events: events.map((event) => ({ ...event })),
      failures,
    };
  }

  /** Returns the layout of a run, as {@link restoreLayout} takes it. @throws SoakError RUN_UNKNOWN */
  layout(ref: string): KeptLayout {
    const row = this.#db
      .prepare(
        'SELECT targets, hash, spec FROM runs JOIN layouts ON layouts.id = runs.layout WHERE runs.run = ?',
      )
      .get(this.resolve(ref)) as { targets: string; hash: string; spec: Uint8Array };
    return { targets: JSON.parse(row.targets) as string[], record: { hash: row.hash, spec: row.spec } };
  }

  /** Returns windows of a run in their order. @throws SoakError RUN_UNKNOWN */
  windows(ref: string, { width, from = 0, limit }: WindowQuery): KeptWindow[] {
    const id = this.resolve(ref);
    const { targets: names, record } = this.layout(id);
    const { kept, convert } = restoreLayout(names, record);
    const generator = this.#db
      .prepare(
        `SELECT w.* FROM generator_windows w JOIN runs ON runs.id = w.run
         WHERE runs.run = ? AND width = ? AND n >= ? ORDER BY n LIMIT ?`,
      )
      .all(id, width, from, limit) as unknown as {
      run: number;
      n: number;
      from_at: number;
      to_at: number;
      rss_bytes: number;
      cpu_ms: number;
      lag_windows: number;
      unreliable: number;
      data: Uint8Array;
    }[];
    const targets = this.#db.prepare(
      'SELECT target, desired, data FROM windows WHERE run = ? AND width = ? AND n = ?',
    );
    return generator.map((row) => {
      const values = new Float64Array(kept.size);
      unpackValues(row.data, values, kept.sharedStart, kept.size);
      const desired = kept.slots.map(() => 0);
      for (const part of targets.iterate(row.run, width, row.n)) {
        const target = part.target as number;
        desired[target] = part.desired as number;
        const { start, end } = kept.slots[target]!;
        unpackValues(part.data as Uint8Array, values, start, end);
      }
      return {
        n: row.n,
        fromAt: row.from_at,
        toAt: row.to_at,
        desired,
        values: convert(values),
        rssBytes: row.rss_bytes,
        cpuMs: row.cpu_ms,
        lagWindows: row.lag_windows,
        unreliable: row.unreliable,
      };
    });
  }

  /** Returns what a run was set up with. @throws SoakError RUN_UNKNOWN */
  setup(ref: string): KeptSetup {
    const row = this.#db.prepare('SELECT setup FROM runs WHERE run = ?').get(this.resolve(ref))!;
    return JSON.parse(row.setup as string) as KeptSetup;
  }

  /** Returns the names of the targets that a run has load for, with their places in its layout. */
  targets(ref: string): { readonly name: string; readonly index: number }[] {
    const { targets: names } = this.layout(ref);
    const own = this.setup(ref).targets?.map(({ name }) => name) ?? names;
    return names.map((name, index) => ({ name, index })).filter(({ name }) => own.includes(name));
  }

  /** Returns the times of all closed windows of a run. @throws SoakError RUN_UNKNOWN */
  windowTimes(ref: string, width: WindowWidth): WindowTime[] {
    const id = this.resolve(ref);
    const rows = this.#db
      .prepare(
        `SELECT n, from_at AS fromAt, to_at AS toAt FROM generator_windows w JOIN runs ON runs.id = w.run
         WHERE runs.run = ? AND width = ? ORDER BY n`,
      )
      .all(id, width) as unknown as WindowTime[];
    // The last window of an active run still changes.
    return this.run(id).state === 'active' ? rows.slice(0, -1) : rows;
  }

  /** Returns what was counted in windows of a run, by target. @throws SoakError RUN_UNKNOWN, USAGE for an unknown column */
  windowRows(ref: string, { width, from = 0, limit, columns }: WindowQuery): WindowPage {
    const id = this.resolve(ref);
    const { key } = this.#db.prepare('SELECT id AS key FROM runs WHERE run = ?').get(id) as { key: number };
    const targets = this.targets(id);
    const perWindow = Math.max(1, targets.length * chosenColumns(columns).length);
    const most = Math.min(limit, Math.max(1, Math.floor(MAX_CELLS / perWindow)));
    const windows = readRows(this.#db, {
      run: key,
      record: this.layout(id).record,
      targets,
      width,
      from,
      limit: most + 1,
      columns,
    });
    const next = windows[most]?.n ?? null;
    return { run: id, widthMs: width, windows: windows.slice(0, most), next };
  }

  /** Returns the parts of the state of an active run, by key. */
  states(run: string): Map<string, Uint8Array> {
    const rows = this.#db
      .prepare('SELECT key, value FROM states JOIN runs ON runs.id = states.run WHERE runs.run = ?')
      .all(run);
    return new Map(rows.map(({ key, value }) => [key as string, value as Uint8Array]));
  }

  /** Returns the last window of a run: its number and its end, ms since 1970; `undefined` without windows. */
  lastWindow(run: string): { readonly n: number; readonly toAt: number } | undefined {
    const row = this.#db
      .prepare(
        `SELECT n, to_at AS toAt FROM generator_windows w JOIN runs ON runs.id = w.run
         WHERE runs.run = ? AND width = ${SMALLEST} ORDER BY n DESC LIMIT 1`,
      )
      .get(run) as { n: number; toAt: number } | undefined;
    return row && { ...row };
  }

  /** Returns the unfinished runs, the newest first, with the locks of their processes. */
  unfinished(): { readonly id: string; readonly source: RunSource; readonly owner: string }[] {
    const rows = this.#db
      .prepare("SELECT run AS id, source, owner FROM runs WHERE state = 'active' ORDER BY started_at DESC")
      .all();
    return rows.map((row) => ({ ...row })) as { id: string; source: RunSource; owner: string }[];
  }

  /** Returns a part of the state of the service. */
  service(key: string): Uint8Array | undefined {
    return this.#db.prepare('SELECT value FROM service WHERE key = ?').get(key)?.value as
      | Uint8Array
      | undefined;
  }
}
