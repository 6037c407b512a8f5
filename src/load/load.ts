/** A way to bring streams about: closed or open. */
export interface Load {
  /** Begins. @param originMs time 0 of the plan, on the worker's clock */
  start(originMs: number): void;
  /** No new starts. Open streams go on. */
  stop(): void;
  /** Whether there will be no more starts and no stream is open. */
  readonly drained: boolean;
  /** Closes all connections. */
  close(): void;
}
