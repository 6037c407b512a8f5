/** What is no regular file, or too large, is refused with its path: before it is opened, since to open a pipe waits. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { adHocConfig } from '../../src/config/ad-hoc.ts';
import { readSmallText } from '../../src/config/regular-file.ts';
import { readTls } from '../../src/target/tls.ts';
import { soakd } from '../../support/process.ts';
import { makeAuthority, makeCertificate } from '../transport/certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'soakd-files-'));
const FIFO = join(folder, 'fifo');
execFileSync('mkfifo', [FIFO]);
const LARGE = join(folder, 'large');
writeFileSync(LARGE, '');
truncateSync(LARGE, 65 * 1024 * 1024);
const CERT = join(folder, 'cert.pem');
writeFileSync(CERT, makeCertificate({ names: ['localhost'], by: makeAuthority('files') }).cert);

// Its `open` returns once anything opens the pipe for reading.
const writer = spawn('sh', ['-c', 'exec 3>"$1"; echo opened', 'sh', FIFO], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let opened = '';
writer.stdout.setEncoding('utf8').on('data', (text: string) => {
  opened += text;
});
after(() => {
  writer.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const KINDS = [
  [FIFO, 'is a named pipe'],
  ['/dev/zero', 'is a device'],
  [folder, 'is a directory'],
  [LARGE, 'is larger than (1048576 bytes|67108864 bytes|64 MiB)'],
] as const;

/** Carries out a command, which is to be refused. */
async function refused(args: readonly string[], code: number, wanted: RegExp): Promise<void> {
  const program = soakd(args);
  try {
    assert.equal((await program.ended(60_000)).code, code, program.output);
    assert.match(program.stderr.text, wanted);
  } finally {
    program.killAll();
  }
}

/** Writes a configuration with a target for each set of keys. @returns its path */
function configuration(name: string, ...keys: readonly string[]): string {
  const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.yaml`);
  const targets = keys.map(
    (own, i) => `  - { name: t${i}, url: 'https://127.0.0.1:9/', method: POST, ${own} }`,
  );
  writeFileSync(
    file,
    `targets:\n${targets.join('\n')}\nscenarios: { a: { target: t0, stages: [{ users: 1, for: 1m }] } }\n`,
  );
  return file;
}

for (const [path, kind] of KINDS) {
  const escaped = path.replaceAll('/', '\\/');
  // Of a configuration, which is read to at most 1 MiB, the size is another message (test/config/file.test.ts).
  if (path !== LARGE)
    it(`a configuration that ${kind} is refused`, () =>
      refused(['validate', path], 2, new RegExp(`${escaped}:1:1: found ${kind.slice(3)}, expected `)));

  it(`prompts, a secret and a token file that each ${kind} are refused`, () => {
    const which = `, which ${kind}, expected .*; `;
    const file = configuration(
      `texts ${kind}`,
      `body: '{{prompt}}', prompts: { file: ${path} }`,
      `auth: { bearer: '\${file:${path}}' }`,
      `auth: { bearer: { file: ${path} } }`,
    );
    const wanted = [
      `"${escaped}"${which}(fix the path|shorten it)`,
      `file:${escaped}}${which}set it before soakd starts`,
      `"${escaped}"${which}set it before soakd starts`,
    ];
    return refused(['validate', file], 2, new RegExp(wanted.join('[^]*')));
  });

  it(`the file of --body that ${kind} is refused`, () =>
    assert.throws(
      () => adHocConfig({ target: 'http://127.0.0.1:9/', method: 'POST', body: `@${path}` }),
      new RegExp(`"${escaped}", which ${kind}, expected @ and a file that can be read; fix the path`),
    ));

  for (const [what, files] of [
    ['ca', { caFile: path }],
    ['cert', { certFile: path, keyFile: CERT }],
    ['key', { certFile: CERT, keyFile: path }],
  ] as const)
    it(`tls: ${what} that ${kind} is refused`, () =>
      assert.throws(
        () => readTls({ ...files }, 't', { readFile: readSmallText, resolveSecret: () => '' }),
        new RegExp(`${escaped}, the tls: ${what} of t, cannot be read: it ${kind}`),
      ));
}

it('a named pipe as tls: ca ends a run that starts', () => {
  const file = configuration('tls', `tls: { ca: ${FIFO} }`);
  const wanted = /fifo, the tls: ca of t0, cannot be read: it is a named pipe, expected a regular file/;
  return refused(['run', '--config', file, '--data', 'none', 'a'], 4, wanted);
});

it('the named pipe was opened by nothing of these', () => assert.equal(opened, ''));
