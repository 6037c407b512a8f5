import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { readRegularFile } from '../config/regular-file.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import { makeFolders } from '../machine/folders.ts';
import { checkedRun } from '../report/checks.ts';
import { annotationOfError, annotationsOfRun, inert, inertJson } from '../report/github.ts';
import { jobSummary, jobSummaryOfError } from '../report/job-summary.ts';
import { junitOfRun, junitWithoutRun } from '../report/junit.ts';
import type { Summary } from '../schema/summary.ts';
import { writeOutputFile } from './output-file.ts';

/** Size up to which GitHub shows a job summary, bytes; GitHub drops a larger file entirely. */
const MAX_STEP_SUMMARY = 1024 * 1024;

export interface CiOptions {
  /** Path of the JUnit report; absent: no report. */
  readonly junit: string | undefined;
  /** Scenario, used as the suite name of a report without a run. */
  readonly scenario: string;
  readonly version: string;
  /** Environment; `GITHUB_ACTIONS` and `GITHUB_STEP_SUMMARY` are used. */
  readonly env: NodeJS.ProcessEnv;
  readonly stderr: (text: string) => void;
}

/** Writes the outputs of a run for CI: a JUnit report, and on GitHub annotations and a job summary. */
export class CiOutputs {
  readonly #options: CiOptions;
  readonly #onGitHub: boolean;
  readonly #stepSummary: string;
  #reportIsOpen = false;
  #isOver = false;

  constructor(options: CiOptions) {
    this.#options = options;
    this.#onGitHub = options.env.GITHUB_ACTIONS === 'true';
    this.#stepSummary = options.env.GITHUB_STEP_SUMMARY ?? '';
  }

  /**
   * Writes a report of an unfinished run, which stays in place if soakd is killed; then reads the configuration.
   * @throws SoakError with every issue of the report file and of the configuration
   */
  openWith<T>(read: () => T): T {
    const issue = this.#open();
    if (issue === undefined) return read();
    try {
      read();
    } catch (error) {
      if (!(error instanceof SoakError)) throw error;
      const { code, message, details } = error;
      throw new SoakError(code, message, [...(details.length === 0 ? [message] : details), issue], error);
    }
    throw new SoakError('USAGE', issue);
  }

  #open(): string | undefined {
    const { junit, scenario } = this.#options;
    if (junit === undefined) return undefined;
    const issue =
      issueOf(junit) ?? this.#write(junit, junitWithoutRun({ scenario, at: Date.now() }, this.#context));
    this.#reportIsOpen = issue === undefined;
    return issue;
  }

  /** Writes the outputs of a finished run. Returns `false` if a requested JUnit report could not be written. */
  finished(summary: Summary): boolean {
    this.#isOver = true;
    const run = checkedRun(summary);
    const { junit, version, stderr } = this.#options;
    if (this.#onGitHub) stderr(annotationsOfRun(run));
    this.#appendSummary(() => jobSummary(run, version));
    if (junit === undefined) return true;
    const issue = this.#write(junit, junitOfRun(run, this.#context));
    if (issue !== undefined) stderr(`soakd: ${issue}\n`);
    return issue === undefined;
  }

  /** Writes the outputs of a run that could not start. Does nothing after a finished run. */
  failed(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { junit, scenario, version, stderr } = this.#options;
    if (this.#onGitHub) stderr(annotationOfError(messageOf(error)));
    this.#appendSummary(() => jobSummaryOfError(messageOf(error), version));
    if (junit === undefined || !this.#reportIsOpen) return;
    const issue = this.#write(junit, junitWithoutRun({ scenario, at: Date.now(), error }, this.#context));
    if (issue !== undefined) stderr(`soakd: ${issue}\n`);
  }

  /** Returns the text; on GitHub, neutralizes anything that GitHub would take for a workflow command. */
  text(text: string): string {
    return this.#onGitHub ? inert(text) : text;
  }

  /** Returns JSON of the same value; on GitHub, neutralizes anything that GitHub would take for a workflow command. */
  json(json: string): string {
    return this.#onGitHub ? inertJson(json) : json;
  }

  get #context() {
    return { version: this.#options.version, host: hostname() };
  }

  #write(file: string, xml: string): string | undefined {
    try {
      makeFolders(dirname(file));
      writeOutputFile(file, xml, 'replace');
      return undefined;
    } catch (error) {
      return `--junit: ${file} cannot be written: ${messageOf(error)}; give a file in a folder that soakd can write to`;
    }
  }

  /** Writes the job summary. A failure is only a warning, since the run itself is complete. */
  #appendSummary(markdown: () => string): void {
    const file = this.#stepSummary;
    if (file === '') return;
    try {
      const text = markdown();
      const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      const all = size + Buffer.byteLength(text);
      if (all > MAX_STEP_SUMMARY)
        throw new SoakError(
          'CANNOT_START',
          `found ${all} bytes, expected at most ${MAX_STEP_SUMMARY}, the limit of GitHub`,
        );
      writeOutputFile(file, text, 'append');
    } catch (error) {
      this.#options.stderr(
        `soakd: warning: cannot write the job summary to ${file} (GITHUB_STEP_SUMMARY): ${messageOf(error)}\n`,
      );
    }
  }
}

/** Returns an issue unless the path is new or holds a report: a wrong path must not overwrite another file. */
function issueOf(file: string): string | undefined {
  const expected = 'expected a new file, or an earlier report';
  if (file === '') return `--junit: found no path, ${expected}`;
  try {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (stat.isDirectory()) return `--junit: found the folder ${file}, ${expected}; give a path in it`;
    if (!stat.isFile())
      return `--junit: found ${file}, which is not a regular file, ${expected}; give another path`;
    if (stat.size > 0 && !startOf(file).startsWith('<?xml'))
      return `--junit: found ${file}, which is not XML, ${expected}; move it away or give another path`;
    return undefined;
  } catch (error) {
    // The path is below a file, or in a folder that cannot be read.
    return `--junit: ${file} cannot be written: ${messageOf(error)}; give a file in a folder that soakd can write to`;
  }
}

function startOf(file: string): string {
  // Without a byte order mark.
  return new TextDecoder().decode(readRegularFile(file, 8));
}
