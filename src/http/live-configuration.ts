import type { Budget } from '../core/scenario.ts';

/** A scenario that can be started. */
export interface ScenarioFacts {
  readonly name: string;
  readonly model: 'closed' | 'open';
  readonly targets: readonly string[];
  /** Whether the targets are loaded one after another. */
  readonly sequence: boolean;
  /** Highest level of the plan: virtual users in the closed model, streams a second in the open model. */
  readonly peak: number;
  readonly durationMs: number;
  readonly warmUpMs: number;
  readonly budget: Budget | null;
}

/** Response of `GET /api/v1/configuration`. */
export interface LiveConfiguration {
  /** File as it was named; `null`: the configuration came from flags. */
  readonly file: string | null;
  /** Time of the last successful load, ms since 1970. */
  readonly loadedAt: number;
  readonly scenarios: readonly ScenarioFacts[];
  /** The parsed configuration without anything that may be a secret. */
  readonly configuration: object;
}

/** Result of `POST /api/v1/configuration/check`. */
export interface ConfigurationCheck {
  readonly valid: boolean;
  readonly targets: readonly string[];
  readonly scenarios: readonly string[];
  readonly issues: readonly { readonly line: number | null; readonly text: string }[];
}
