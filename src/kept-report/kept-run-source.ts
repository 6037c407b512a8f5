import type { ComparedRun, ComparedWindow, RunSource } from '../compare/run.ts';
import { SoakError } from '../core/errors.ts';
import type { Database } from '../history/database.ts';
import { restoreLayout } from '../history/layout-record.ts';
import { HistoryReader } from '../history/reader.ts';
import type { Summary } from '../schema/summary.ts';

/** Windows that are read at once. */
const PAGE = 60;
const WIDTH_MS = 10_000;

/** Finds finished runs in the history, with their windows. */
export class KeptRunSource implements RunSource {
  readonly #reader: HistoryReader;

  constructor(db: Database) {
    this.#reader = new HistoryReader(db);
  }

  /** @throws SoakError RUN_UNKNOWN; USAGE for a run that has not finished */
  find(reference: string): ComparedRun {
    const id = this.#reader.resolve(reference);
    const { summary: kept } = this.#reader.show(id);
    if (kept === null)
      throw new SoakError('USAGE', `run ${id} has no summary: it is active, or ended with its process`);
    const summary = kept as Summary;
    const { targets, record } = this.#reader.layout(id);
    const { layout } = restoreLayout(targets, record);
    const gaps = summary.run.gaps.map(({ fromAt, toAt }) => ({
      fromAt: Date.parse(fromAt),
      toAt: Date.parse(toAt),
    }));
    return { id, summary, recording: { layout, windows: this.#windows(id), gaps } };
  }

  *#windows(id: string): Generator<ComparedWindow> {
    for (let from = 0; ; ) {
      const page = this.#reader.windows(id, { width: WIDTH_MS, from, limit: PAGE });
      yield* page;
      if (page.length < PAGE) return;
      from = page.at(-1)!.n + 1;
    }
  }
}
