import { createRequire } from 'node:module';
import { type DestinationStream, type Logger, pino } from 'pino';
import { LOG_LEVELS, type LogLevel } from './catalog/metrics.ts';

const require = createRequire(import.meta.url);

/** The log, and how many lines of each level it has written. */
export interface Log {
  readonly logger: Logger;
  readonly count: (level: LogLevel) => number;
  /** Lines that could not be written. */
  readonly dropped: () => number;
}

/**
 * Lines of JSON; for a person on a terminal, plain ones.
 * @param write where a whole line goes
 */
export function createLog(
  write: (line: string) => void,
  options: { level: LogLevel; human: boolean; color: boolean; dropped?: () => number },
): Log {
  const counts = Object.fromEntries(LOG_LEVELS.map((l) => [l, 0])) as Record<LogLevel, number>;
  const destination: DestinationStream = { write };
  if (options.human) {
    // A service writes JSON, and does without its modules.
    const { prettyFactory }: typeof import('pino-pretty') = require('pino-pretty');
    const format = prettyFactory({
      colorize: options.color,
      ignore: 'pid,hostname',
      translateTime: 'HH:MM:ss',
      singleLine: true,
    });
    destination.write = (line) => write(format(JSON.parse(line)) ?? line);
  }
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(args, method, level) {
          const name = pino.levels.labels[level] as LogLevel | undefined;
          if (name !== undefined) counts[name]++;
          method.apply(this, args);
        },
      },
    },
    destination,
  );
  return { logger, count: (level) => counts[level], dropped: options.dropped ?? (() => 0) };
}
