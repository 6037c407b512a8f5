import { lookup } from 'node:dns/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { NETWORK_PRESETS, PLAIN_NETWORK } from '../catalog/networks.ts';
import { buildAllowlist, faultOfAllowEntry, normalizeHost } from '../core/allow.ts';
import { formatDuration, parseDuration } from '../core/duration.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import type { NetworkShape } from '../core/network.ts';
import { formatPercent } from '../core/number.ts';
import { formatBandwidth, parseBandwidth } from '../relay/bandwidth.ts';
import { startRelay } from '../relay/relay.ts';
import type { ConnectionRecord } from '../relay/relayed-connection.ts';
import { checkHost } from '../target/host-check.ts';
import { exitWith, signalExit } from './exit.ts';
import { collect, port, wholeNumber } from './options.ts';
import { openOutputFile } from './output-file.ts';
import { onSignals } from './signals.ts';
import { fileOutput, type Output, outputOf } from './stdio.ts';

interface RelayFlags {
  readonly to: { readonly host: string; readonly port: number };
  readonly port: number;
  readonly preset?: keyof typeof NETWORK_PRESETS;
  readonly latency?: number;
  readonly jitter?: number;
  readonly bandwidth?: number;
  readonly drop?: number;
  readonly dropWithin?: number;
  readonly dropAfter?: number;
  readonly seed: number;
  readonly log?: string;
  readonly allow?: readonly string[];
}

export function relayCommand(): Command {
  return new Command('relay')
    .requiredOption('--to <host:port>', 'destination of relayed connections', hostAndPort)
    .option('-p, --port <port>', 'port of 127.0.0.1 to listen on', port, 9878)
    .addOption(
      new Option('--preset <name>', 'network preset; the flags below override it').choices(
        Object.keys(NETWORK_PRESETS),
      ),
    )
    .option('--latency <duration>', 'round-trip time to add, half in each direction', duration)
    .option('--jitter <duration>', 'maximum deviation of the round-trip time (±)', duration)
    .option('--bandwidth <rate>', 'bandwidth of each connection and direction, e.g. 1mbit', bandwidth)
    .option('--drop <share>', 'share of connections to reset at a random moment, e.g. 1%', share)
    .option(
      '--drop-within <duration>',
      'time within which --drop resets connections (default: 10s)',
      duration,
    )
    .option('--drop-after <duration>', 'reset every connection after a random time with this mean', duration)
    .option('--seed <n>', 'seed of the random generator', wholeNumber, 1)
    .option('--log <file>', 'write a line of JSON for each ended connection; - is standard error')
    .option('--allow <host>', 'host to allow besides loopback; repeatable', collect)
    .action(relay);
}

async function relay(flags: RelayFlags): Promise<void> {
  const shape = shapeOf(flags);
  const addresses = await addressesOf(flags.to.host, flags.allow ?? []);
  const log = flags.log === undefined ? undefined : openLog(flags.log);
  const started = await startRelay({
    to: { addresses, port: flags.to.port },
    port: flags.port,
    shape,
    seed: flags.seed,
    ended: (record: ConnectionRecord) => log?.write(`${JSON.stringify(record)}\n`),
  });
  const over = Promise.withResolvers<NodeJS.Signals>();
  const stopListening = onSignals({
    first: over.resolve,
    again: (signal) => process.exit(signalExit(signal)),
  });
  // Standard output is for the summary; standard error may be the log.
  if (flags.log === '-')
    log!.write(
      `${JSON.stringify({ listening: `127.0.0.1:${started.port}`, to: flags.to, network: shape })}\n`,
    );
  else process.stderr.write(banner(started.port, flags.to, shape));
  const signal = await over.promise;
  await started.close();
  stopListening();
  const { queuedBytes: _, ...totals } = started.totals();
  const summary = {
    schema: 1,
    port: started.port,
    to: flags.to,
    seed: flags.seed,
    network: shape,
    ...totals,
  };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  if (log !== undefined && log.dropped > 0)
    process.stderr.write(`soakd: warning: ${log.dropped} lines of the log could not be written\n`);
  exitWith(signalExit(signal));
}

/** @throws SoakError USAGE */
function shapeOf(flags: RelayFlags): NetworkShape {
  const preset = flags.preset === undefined ? PLAIN_NETWORK : NETWORK_PRESETS[flags.preset].shape;
  const latencyMs = flags.latency ?? preset.latencyMs;
  const jitterMs = flags.jitter ?? preset.jitterMs;
  if (jitterMs > latencyMs) {
    throw new SoakError(
      'USAGE',
      `found a jitter of ${formatDuration(jitterMs)} around a latency of ${formatDuration(latencyMs)}, expected at most that; ` +
        `${flags.jitter === undefined ? 'lower the jitter of the preset with --jitter' : 'lower --jitter or raise --latency'}`,
    );
  }
  return {
    latencyMs,
    jitterMs,
    bandwidthBps: flags.bandwidth ?? preset.bandwidthBps,
    dropShare: flags.drop ?? preset.dropShare,
    dropWithinMs: flags.dropWithin ?? preset.dropWithinMs,
    dropAfterMs: flags.dropAfter ?? preset.dropAfterMs,
  };
}

async function addressesOf(host: string, allow: readonly string[]): Promise<string[]> {
  for (const entry of allow) {
    const fault = faultOfAllowEntry(entry);
    if (fault !== undefined) throw new SoakError('USAGE', `found --allow ${entry}, but ${fault}`);
  }
  return checkHost(normalizeHost(host), buildAllowlist(allow), (name) => lookup(name, { all: true }));
}

/** A log that cannot be written any more, as on a full disk, does not end the relay. */
function openLog(file: string): Output {
  if (file === '-') return outputOf(process.stderr);
  try {
    // Opens the file at once, so that an error shows at the start and not at the end of the first connection.
    return fileOutput(openOutputFile(file, 'append'));
  } catch (error) {
    throw new SoakError('CANNOT_START', `cannot write the log: ${messageOf(error)}`, [], error);
  }
}

function banner(at: number, to: RelayFlags['to'], shape: NetworkShape): string {
  const { latencyMs, jitterMs, bandwidthBps, dropShare, dropWithinMs, dropAfterMs } = shape;
  const jitter = jitterMs > 0 ? ` ± ${formatDuration(jitterMs)}` : '';
  const drops = [
    ...(dropShare > 0
      ? [`${formatPercent(dropShare)} of connections within ${formatDuration(dropWithinMs)}`]
      : []),
    ...(dropAfterMs < Number.POSITIVE_INFINITY
      ? [`each after ${formatDuration(dropAfterMs)} on average`]
      : []),
  ];
  return (
    `relay on 127.0.0.1:${at} to ${to.host}:${to.port}\n` +
    `  round trip  ${latencyMs === 0 ? 'no latency added' : `+ ${formatDuration(latencyMs)}${jitter}, half in each direction; none on connect`}\n` +
    `  bandwidth   ${bandwidthBps === Number.POSITIVE_INFINITY ? 'no limit' : `${formatBandwidth(bandwidthBps)} for each connection and direction`}\n` +
    `  drops       ${drops.join(', ') || 'none'}\n`
  );
}

/** Maximum duration, longer than in any real network; Node's timers overflow at 24 days. */
const MAX_MS = 3_600_000;

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms > MAX_MS)
    throw new InvalidArgumentError(`found "${text}", expected a duration such as 80ms, at most 1h.`);
  return ms;
}

function bandwidth(text: string): number {
  const bps = parseBandwidth(text);
  if (bps === undefined || bps < 1000)
    throw new InvalidArgumentError(`found "${text}", expected a rate such as 64kbit, 1mbit or 1gbit.`);
  return bps;
}

function share(text: string): number {
  const [, value, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const result = Number(value) / (percent === '%' ? 100 : 1);
  if (!(result <= 1)) throw new InvalidArgumentError(`found "${text}", expected a share such as 1% or 0.01.`);
  return result;
}

function hostAndPort(text: string): RelayFlags['to'] {
  const [, v6, host, at] = /^(?:\[([0-9a-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  if (at === undefined || Number(at) < 1 || Number(at) > 65_535)
    throw new InvalidArgumentError(`found "${text}", expected a host and a port such as 127.0.0.1:8002.`);
  return { host: v6 ?? host!, port: Number(at) };
}
