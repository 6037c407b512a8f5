/**
 * Bodies as the APIs write them, judged at once, byte by byte, and split in two at every place, which must make
 * no difference to findings and tallies. Single rules are in judges.test.ts.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Terminal } from '../../src/core/target.ts';
import { type ClassifierResult, newCounters, type StreamCounters } from '../../src/formats/classifier.ts';
import type { Format } from '../../src/formats/list.ts';
import { classifierFor } from '../../src/formats/list.ts';

export interface Case {
  readonly name: string;
  readonly terminal?: Terminal;
  readonly body: string | Uint8Array;
  readonly outcome: Outcome;
  readonly detail?: RegExp;
  /** Whether it is known before the end of the body; tells reads at once from a body that ends. */
  readonly early?: boolean;
  readonly tally?: { readonly [what in keyof StreamCounters]?: number | undefined };
}

function judge(
  format: Format,
  terminal: Terminal | undefined,
  reads: readonly Uint8Array[],
): [ClassifierResult, boolean, StreamCounters] {
  const judge = classifierFor(format, { terminal });
  const tally: StreamCounters = newCounters();
  let found: ClassifierResult | undefined;
  for (const read of reads) {
    const bytes = Buffer.from(read);
    found = judge.read(bytes, true, tally);
    bytes.fill(0x21);
  }
  return [judge.end(tally), found !== undefined, tally];
}

/** A test for each body. */
export function table(format: Format, cases: readonly Case[]): void {
  describe(format, () => {
    for (const { name, terminal, body, outcome, detail, early, tally } of cases) {
      it(`${name}: ${outcome}`, () => {
        const bytes = Buffer.from(body as string);
        const atOnce = judge(format, terminal, [bytes]);
        const [finding, wasEarly, counted] = atOnce;
        assert.equal(finding.outcome, outcome, finding.detail);
        if (detail !== undefined) assert.match(finding.detail ?? '', detail);
        assert.doesNotMatch(finding.detail ?? '', /secret/);
        if (early !== undefined) assert.equal(wasEarly, early, 'early');
        for (const [what, n] of Object.entries(tally ?? {})) {
          assert.equal(counted[what as keyof StreamCounters], n, what);
        }
        assert.deepEqual(
          judge(
            format,
            terminal,
            Array.from(bytes, (byte) => Uint8Array.of(byte)),
          ),
          atOnce,
        );
        for (let at = 0; at <= bytes.length; at++) {
          assert.deepEqual(
            judge(format, terminal, [bytes.subarray(0, at), bytes.subarray(at)]),
            atOnce,
            `at ${at}`,
          );
        }
      });
    }
  });
}

/** An event as the APIs that name theirs send it. */
export const named = (type: string, rest: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
export const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
export const lines = (...values: object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');
