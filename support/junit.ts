import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse as toJson } from 'junit2json';
import testResults from 'test-results-parser';
import { validateXML } from 'xmllint-wasm';
import { ROOT } from './root.ts';

const SCHEMA = readFileSync(join(ROOT, 'test/report/junit.xsd'), 'utf8');

export interface ReadCase {
  readonly classname: string;
  readonly name: string;
  readonly result: 'pass' | 'failure' | 'error' | 'skipped';
  readonly message: string;
  readonly type: string;
  readonly text: string;
  /** Output of the case. */
  readonly output: string;
}

export interface ReadSuite {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly output: string;
  readonly seconds: number;
  readonly timestamp: string;
  readonly cases: readonly ReadCase[];
}

/** Fails where libxml2 finds that a report is not well-formed, or not of the schema. */
async function assertValid(xml: string): Promise<void> {
  const { valid, errors } = await validateXML({
    xml: { fileName: 'report.xml', contents: xml },
    schema: SCHEMA,
  });
  assert.ok(valid, `${errors.map((e) => e.message).join('\n')}\n${xml}`);
}

/**
 * Reads a report as CI systems do: by junit2json (on sax) and by test-results-parser (on fast-xml-parser), which must
 * agree, after libxml2 has validated it.
 */
export async function readReport(xml: string): Promise<ReadSuite[]> {
  await assertValid(xml);
  const read = await toJson(xml);
  assert.ok(read && 'testsuite' in read, 'the root is testsuites');
  const suites = read.testsuite!.map((suite): ReadSuite => {
    const cases = (suite.testcase ?? []).map((c): ReadCase => {
      const skipped = (c.skipped as readonly { readonly message?: string }[] | undefined)?.[0];
      const problem = c.failure?.[0] ?? c.error?.[0];
      return {
        classname: c.classname!,
        name: c.name!,
        result:
          c.failure !== undefined
            ? 'failure'
            : c.error !== undefined
              ? 'error'
              : c.skipped !== undefined
                ? 'skipped'
                : 'pass',
        message: problem?.message ?? skipped?.message ?? '',
        type: problem?.type ?? '',
        text: problem?.inner ?? '',
        output: String(c['system-out']?.[0] ?? ''),
      };
    });
    const count = (result: ReadCase['result']) => cases.filter((c) => c.result === result).length;
    assert.deepEqual(
      [suite.tests, suite.failures, suite.errors, suite.skipped],
      [cases.length, count('failure'), count('error'), count('skipped')],
    );
    return {
      name: suite.name!,
      properties: Object.fromEntries((suite.properties ?? []).map((p) => [p.name, p.value ?? ''])),
      output: suite['system-out']?.[0] ?? '',
      seconds: suite.time!,
      timestamp: suite.timestamp!,
      cases,
    };
  });
  assertOtherReaderAgrees(xml, suites);
  return suites;
}

const STATUS = { pass: 'PASS', failure: 'FAIL', error: 'FAIL', skipped: 'SKIP' } as const;

/** It drops suites without a case; and it decodes no numeric references, so texts with some are left to the others. */
function assertOtherReaderAgrees(xml: string, all: readonly ReadSuite[]): void {
  const suites = all.filter((suite) => suite.cases.length > 0);
  const folder = mkdtempSync(join(tmpdir(), 'soakd-junit-'));
  try {
    const file = join(folder, 'report.xml');
    writeFileSync(file, xml);
    const { result, errors } = testResults.parseV2({ type: 'junit', files: [file] });
    assert.deepEqual(errors, []);
    assert.deepEqual(
      result!.suites.map((suite) => suite.cases.map(({ status }) => status)),
      suites.map((suite) => suite.cases.map(({ result }) => STATUS[result])),
    );
    assert.equal(
      result!.total,
      // It does not count skipped ones.
      suites.reduce((sum, suite) => sum + suite.cases.filter((c) => c.result !== 'skipped').length, 0),
    );
    if (!/&#?\w+;/.test(xml))
      assert.deepEqual(
        result!.suites.map((s) => [String(s.name), ...s.cases.map((c) => [c.name, c.failure || ''])]),
        suites.map((s) => [s.name, ...s.cases.map((c) => [c.name, c.result === 'skipped' ? '' : c.message])]),
      );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
