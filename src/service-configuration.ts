import { setImmediate as nextTurn } from 'node:timers/promises';
import { readAccess } from './config/access.ts';
import type { ConfigReader } from './config/reader/config-reader.ts';
import { processSecrets } from './config/secrets.ts';
import type { Access } from './core/access.ts';
import { messageOf, SoakError } from './core/errors.ts';
import type { Reload } from './core/reload.ts';
import type { Config } from './core/scenario.ts';
import { requireTokens } from './http/require-tokens.ts';
import type { Log } from './log.ts';
import { changesOf } from './run/changes.ts';
import type { Setup } from './run/run-result.ts';
import type { Runner } from './run/runner.ts';
import { setupOf } from './run/setup.ts';

export interface ConfigurationOptions {
  readonly config: Config;
  /** Reads the configuration again; absent if it did not come from a file. */
  readonly reader: Pick<ConfigReader, 'read' | 'close'> | undefined;
  readonly log: Log;
  readonly runner: () => Runner;
  /** Called once a configuration was read; `setup` if it is in effect at once. */
  readonly adopted: (config: Config, setup: Setup | undefined) => void;
}

/** The configuration that was read last, the tokens that it names, and its reloads. */
export class Configuration {
  readonly #options: ConfigurationOptions;
  /** Settings of `serve:` with which soakd started. */
  readonly #started: Config['serve'];
  #config: Config;
  #access: Access;
  #reloads = { successful: true, successAt: Date.now() };
  /** The reload in progress: the next one waits for it. */
  #reloading: Promise<unknown> = Promise.resolve();

  /** @throws SoakError SECRET_MISSING */
  constructor(options: ConfigurationOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#started = options.config.serve;
    this.#access = readAccess(options.config, processSecrets(process.cwd()));
  }

  /** Configuration read last; the runner may still use the previous one. */
  get config(): Config {
    return this.#config;
  }

  get access(): Access {
    return this.#access;
  }

  /** Whether the last reload succeeded, and when one last did, ms since 1970. */
  get reloads(): { readonly successful: boolean; readonly successAt: number } {
    return this.#reloads;
  }

  /**
   * Reloads the configuration. Settings that do not belong to a run apply at once, the others as soon as no run is
   * active. An invalid configuration changes nothing. Reloads are carried out one after another; the file is read in a
   * thread of its own, and what was read is applied in steps.
   * @param hosts listen addresses; none before soakd listens
   * @throws SoakError CONFIG_INVALID, CONFIG_UNREADABLE, SECRET_MISSING; USAGE where there is no file
   */
  reload(by: string, hosts: readonly string[]): Promise<Reload> {
    const reloaded = this.#reloading.then(() => this.#reload(by, hosts));
    this.#reloading = reloaded.catch(() => {});
    return reloaded;
  }

  /** Ends the thread that reads. */
  close(): void {
    this.#options.reader?.close();
  }

  async #reload(by: string, hosts: readonly string[]): Promise<Reload> {
    const { reader, runner, adopted } = this.#options;
    if (reader === undefined) throw new SoakError('USAGE', 'there is no configuration file to read');
    const { logger } = this.#options.log;
    let config: Config;
    let access: Access;
    try {
      ({ config, access } = await reader.read(runner().setup.config));
      for (const host of hosts) requireTokens(host, access);
    } catch (error) {
      this.#reloads = { ...this.#reloads, successful: false };
      const errors =
        error instanceof SoakError && error.details.length > 0 ? error.details : [messageOf(error)];
      logger.error({ by, errors }, 'config reload failed; keeping the previous configuration');
      throw error;
    }
    // Each step takes some ten ms with the largest configuration.
    const setup = await this.#setupOf(config);
    const { limits, schedules } = this.#config;
    const { tokens, metrics } = this.#config.serve;
    // Compares what needs a restart with the settings that soakd started with, however often the file changed since.
    const serve = { ...this.#started, tokens, metrics };
    const before = { ...runner().setup.config, limits, serve, schedules };
    const inEffect = runner().reconfigure(setup);
    this.#config = config;
    this.#access = access;
    this.#reloads = { successful: true, successAt: Date.now() };
    adopted(config, inEffect ? setup : undefined);
    await nextTurn();
    const changes = changesOf(before, config, !inEffect);
    const facts = { by, ...changes, ...(changes.waiting.length > 0 && { run: runner().run?.id }) };
    const isAll = changes.restart.length === 0;
    logger[isAll ? 'info' : 'warn'](
      facts,
      `config reloaded${isAll ? '' : '; restart soakd to apply all of it'}`,
    );
    return changes;
  }

  async #setupOf(config: Config): Promise<Setup> {
    const { runner } = this.#options;
    for (;;) {
      await nextTurn();
      const before = runner().setup;
      const setup = setupOf(config, before.counted);
      await nextTurn();
      // The end of a run may have brought a setup that waited for it.
      if (runner().setup === before) return setup;
    }
  }
}
