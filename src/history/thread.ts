import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { StreamResult } from '../core/stream-result.ts';
import { makeFolders } from '../machine/folders.ts';
import { openDatabase, transaction } from './database.ts';
import { HistoryReader } from './reader.ts';
import type { GeneratorWindow, NumberedEvent, RunEnd, RunStart, RunWrite, TargetWindow } from './records.ts';
import { prune, type Retention, thinWindows } from './retention.ts';
import { HistoryStore } from './store.ts';

/** Events and described failures of a run that wait while the database cannot be written; more are left out. */
const MAX_WAITING = 1000;
/** Ended runs that wait to be written. */
const MAX_ENDED = 20;

/** What has not been written of a run. */
interface Pending {
  readonly run: string;
  readonly start: RunStart | undefined;
  /** Whether the start has to be written. */
  isNew: boolean;
  /** The latest version of each window. */
  readonly windows: Map<string, TargetWindow>;
  readonly generator: Map<number, GeneratorWindow>;
  events: NumberedEvent[];
  failures: StreamResult[];
  /** All parts of the state: written again where the database was lost. */
  readonly states: Map<string, Uint8Array>;
  readonly changed: Set<string>;
  end: RunEnd | undefined;
}

/** Merges what is to be written, and writes it in one transaction. Waits, bounded, while the database cannot be written. */
export class HistoryThread {
  readonly #path: string;
  readonly #retention: Retention;
  readonly #replaced: () => void;
  readonly #runs = new Map<string, Pending>();
  /** Parts of the state of the service that are to be written, and all of them: written again where the database was lost. */
  readonly #service = new Map<string, Uint8Array>();
  readonly #services = new Map<string, Uint8Array>();
  readonly #adopted: { readonly run: string; readonly owner: string | undefined }[] = [];
  #db: DatabaseSync | undefined;
  #store: HistoryStore | undefined;
  /** Identity of the file: a removed file still takes what is written. */
  #inode = -1;
  /** Highest number of what was merged. */
  #seq = 0;

  /**
   * @param replaced called where the database was gone and a new one is open
   * @throws SoakError HISTORY_UNUSABLE, and errors of SQLite
   */
  constructor(path: string, retention: Retention, replaced: () => void = () => {}) {
    this.#path = path;
    this.#retention = retention;
    this.#replaced = replaced;
    this.#open();
  }

  /** Merges records into what is to be written. @param seq number of the last record, rising */
  merge(write: RunWrite, seq: number): void {
    this.#seq = seq;
    const pending = this.#pendingOf(write);
    for (const window of write.windows ?? []) pending.windows.set(`${window.n} ${window.target}`, window);
    for (const window of write.generator ?? []) pending.generator.set(window.n, window);
    pending.events = [...pending.events, ...(write.events ?? [])].slice(-MAX_WAITING);
    pending.failures = [...pending.failures, ...(write.failures ?? [])].slice(-MAX_WAITING);
    for (const [key, value] of Object.entries(write.states ?? {})) {
      pending.states.set(key, value);
      pending.changed.add(key);
    }
    for (const [key, value] of Object.entries(write.service ?? {})) this.#keep(key, value);
    pending.end ??= write.end;
    const ended = [...this.#runs.values()].filter((p) => p.end !== undefined);
    for (const { run } of ended.slice(0, -MAX_ENDED)) this.#runs.delete(run);
  }

  putService(key: string, value: Uint8Array, seq: number): void {
    this.#seq = seq;
    this.#keep(key, value);
  }

  #keep(key: string, value: Uint8Array): void {
    this.#service.set(key, value);
    this.#services.set(key, value);
  }

  /** @see HistoryStore.adopt */
  adopt(run: string, owner: string | undefined): void {
    this.#adopted.push({ run, owner });
  }

  /** Writes everything. @returns the number of the last record. @throws errors of SQLite; nothing is written then */
  flush(): number {
    this.#reopenIfLost();
    const { db, store } = this.#required();
    transaction(db, () => {
      for (const { run, owner } of this.#adopted) store.adopt(run, owner);
      for (const pending of this.#runs.values()) store.write(writeOf(pending));
      for (const [key, value] of this.#service) store.putService(key, value);
    });
    this.#adopted.length = 0;
    this.#service.clear();
    for (const pending of [...this.#runs.values()]) {
      if (pending.end !== undefined) this.#runs.delete(pending.run);
      pending.isNew = false;
      pending.windows.clear();
      pending.generator.clear();
      pending.events = [];
      pending.failures = [];
      pending.changed.clear();
    }
    return this.#seq;
  }

  /** Deletes what the retention no longer keeps, one step. @returns ids of deleted runs */
  prune(now: number): string[] {
    const { db } = this.#required();
    return transaction(db, () => prune(db, this.#retention, now));
  }

  /** Thins windows where the database is still too large, one step. @returns the run that was thinned */
  thin(): string | undefined {
    const { db } = this.#required();
    return transaction(db, () => thinWindows(db, this.#retention));
  }

  /** @throws SoakError; errors of SQLite */
  get reader(): HistoryReader {
    return new HistoryReader(this.#required().db);
  }

  get database(): DatabaseSync {
    return this.#required().db;
  }

  /** Size of the database on disk, bytes; 0 if it is gone. */
  get sizeBytes(): number {
    return [this.#path, `${this.#path}-wal`].reduce((sum, path) => sum + (stat(path)?.size ?? 0), 0);
  }

  close(): void {
    this.#db?.close();
    this.#db = undefined;
  }

  #required(): { readonly db: DatabaseSync; readonly store: HistoryStore } {
    if (this.#db === undefined) this.#open();
    return { db: this.#db!, store: this.#store! };
  }

  #open(): void {
    const db = openDatabase(this.#path);
    this.#db = db;
    this.#store = new HistoryStore(db);
    this.#inode = stat(this.#path)?.ino ?? -1;
    for (const [key, value] of this.#services) this.#service.set(key, value);
    for (const pending of this.#runs.values()) {
      pending.isNew = true;
      for (const key of pending.states.keys()) pending.changed.add(key);
    }
  }

  #reopenIfLost(): void {
    if (this.#db !== undefined && stat(this.#path)?.ino === this.#inode) return;
    try {
      this.close();
    } catch {
      // It is gone anyway.
    }
    this.#db = undefined;
    makeFolders(dirname(this.#path), 0o700);
    this.#open();
    this.#replaced();
  }

  #pendingOf({ run, start }: RunWrite): Pending {
    const known = this.#runs.get(run);
    if (known !== undefined) return known;
    const made: Pending = {
      run,
      start,
      isNew: start !== undefined,
      windows: new Map(),
      generator: new Map(),
      events: [],
      failures: [],
      states: new Map(),
      changed: new Set(),
      end: undefined,
    };
    this.#runs.set(run, made);
    return made;
  }
}

function writeOf({
  run,
  start,
  isNew,
  windows,
  generator,
  events,
  failures,
  states,
  changed,
  end,
}: Pending): RunWrite {
  return {
    run,
    ...(isNew && start !== undefined ? { start } : {}),
    windows: [...windows.values()],
    generator: [...generator.values()],
    events,
    failures,
    states: Object.fromEntries([...changed].map((key) => [key, states.get(key)!])),
    end,
  };
}

function stat(path: string): { readonly ino: number; readonly size: number } | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
