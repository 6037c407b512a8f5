import { join } from 'node:path';
import type { Transport } from '../../src/core/target.ts';
import { fromDebian, fromNpm, fromPython, type Install, installK6, installSoakd } from './install.ts';
import {
  aiohttpReport,
  artilleryReport,
  h2loadReport,
  heyReport,
  k6Report,
  locustReport,
  noReport,
  type Report,
  soakdReport,
} from './reports.ts';
import { SCRIPTS } from './root.ts';

/** What every tool is asked for. */
export interface Load {
  readonly origin: string;
  readonly path: string;
  readonly users: number;
  /** In which users start streams. */
  readonly seconds: number;
  /** What the longest answer takes, and some more: what a tool may need to end well. */
  readonly drainSeconds: number;
  /** Answers that a user reads one after another in these seconds, for tools that count rather than time. */
  readonly streamsPerUser: number;
  /** For files of the tool. */
  readonly folder: string;
}

export interface Asked {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Tool {
  readonly install: Install;
  readonly ask: (load: Load) => Asked;
  readonly report: Report;
  /** A file in the folder of the load; absent: standard output. */
  readonly reportFile?: string;
  /** The tool's own name of what comes nearest to TTFB; absent: it has none. */
  readonly calls?: string;
  /** From when to when it runs. */
  readonly clock: string;
  /** Whether it tells the times between the chunks of a stream. */
  readonly gaps: boolean;
  /** What becomes of streams that are open when its time is over. */
  readonly atEnd: 'read on' | 'cut';
}

const url = ({ origin, path }: Load): string => `${origin}${path}`;

const soakd = (transport: Transport): Tool => ({
  install: installSoakd,
  ask: (load) => ({
    args: [
      ...['run', '--target', url(load), '--format', 'sse', '--terminal', '[DONE]', '--transport', transport],
      ...['--users', `${load.users}`, '--for', `${load.seconds}s`, '--json'],
    ],
  }),
  report: soakdReport,
  calls: 'ttfbMs',
  clock: 'request written → first byte of the body',
  gaps: true,
  atEnd: 'read on',
});

export const TOOLS: Readonly<Record<string, Tool>> = {
  soakd: soakd('lean'),
  'soakd-undici': soakd('undici'),
  wrk: {
    install: fromDebian('wrk', 'wrk', ['-v'], /wrk (?:debian\/)?([\d.]+\S*)/),
    ask: (load) => ({
      args: ['-t1', `-c${load.users}`, `-d${load.seconds}s`, '--timeout', '120s', '--latency', url(load)],
    }),
    report: noReport,
    clock: 'none: whole answers only',
    gaps: false,
    atEnd: 'cut',
  },
  h2load: {
    install: fromDebian('h2load', 'nghttp2-client', ['--version'], /nghttp2\/([\d.]+)/),
    ask: (load) => ({
      args: ['--h1', '-t', '1', '-c', `${load.users}`, '-D', `${load.seconds}`, url(load)],
    }),
    report: h2loadReport,
    calls: 'time to 1st byte',
    clock: "connection begun → first byte of the body, once for each connection's first stream",
    gaps: false,
    atEnd: 'cut',
  },
  hey: {
    install: fromDebian('hey', 'hey', ['-h'], /hey version ([\d.]+)/),
    ask: (load) => ({
      args: ['-c', `${load.users}`, '-z', `${load.seconds}s`, '-t', '0', url(load)],
    }),
    report: heyReport,
    calls: 'resp wait',
    clock: 'request written → first byte of the head',
    gaps: false,
    atEnd: 'read on',
  },
  k6: {
    install: installK6,
    ask: (load) => ({
      args: [
        ...['run', '--no-usage-report', '--quiet', '--no-color'],
        ...['--summary-export', join(load.folder, 'k6.json'), join(SCRIPTS, 'k6.js')],
      ],
      env: {
        USERS: `${load.users}`,
        SECONDS: `${load.seconds}`,
        DRAIN: `${load.drainSeconds}`,
        TARGET: url(load),
      },
    }),
    report: k6Report,
    reportFile: 'k6.json',
    calls: 'http_req_waiting',
    clock: 'request written → first byte of the head',
    gaps: false,
    atEnd: 'read on',
  },
  autocannon: {
    install: fromNpm('autocannon', 'autocannon.js'),
    ask: (load) => ({
      args: [
        ...['-c', `${load.users}`, '-d', `${load.seconds}`, '-t', '120'],
        ...['--json', '--no-progress', url(load)],
      ],
    }),
    report: noReport,
    clock: 'none: whole answers only',
    gaps: false,
    atEnd: 'cut',
  },
  aiohttp: {
    install: fromPython('aiohttp', 'python'),
    ask: (load) => ({
      args: [join(SCRIPTS, 'aiohttp_users.py'), url(load), `${load.users}`, `${load.seconds}`],
    }),
    report: aiohttpReport,
    calls: 'its own',
    clock: 'request asked for, connect included → first byte of the body',
    gaps: false,
    atEnd: 'read on',
  },
  locust: {
    install: fromPython('locust', 'locust'),
    ask: (load) => ({
      args: [
        ...[
          '-f',
          join(SCRIPTS, 'locustfile.py'),
          '--headless',
          '--json',
          '--skip-log',
          '--host',
          load.origin,
        ],
        ...['-u', `${load.users}`, '-r', `${load.users}`, '-t', `${load.seconds}s`],
        ...['--stop-timeout', `${load.drainSeconds}`],
      ],
      env: { PATH_ASKED: load.path },
    }),
    report: locustReport,
    calls: 'response time',
    clock: 'request asked for, connect included → head',
    gaps: false,
    atEnd: 'read on',
  },
  artillery: {
    install: fromNpm('artillery', 'bin/run'),
    ask: (load) => ({
      args: [
        ...['run', '--quiet', '--output', join(load.folder, 'artillery.json')],
        join(SCRIPTS, 'artillery.json'),
      ],
      env: {
        ARTILLERY_DISABLE_TELEMETRY: 'true',
        BENCH_ORIGIN: load.origin,
        BENCH_PATH: load.path,
        BENCH_USERS: `${load.users}`,
        BENCH_STREAMS: `${load.streamsPerUser}`,
      },
    }),
    report: artilleryReport,
    reportFile: 'artillery.json',
    calls: 'http.response_time',
    clock: 'request written → first byte of the head',
    gaps: false,
    atEnd: 'read on',
  },
};
