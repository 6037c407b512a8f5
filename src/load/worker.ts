import { streamLayout } from '../catalog/slots.ts';
import { buildAllowlist } from '../core/allow.ts';
import { monotonicMs } from '../core/clock.ts';
import { DIALS_PER_SECOND } from '../core/generator.ts';
import { seededRandom } from '../core/random.ts';
import type { StreamResult } from '../core/stream-result.ts';
import { formatNamed } from '../formats/list.ts';
import type { Piece } from '../shapes/piece.ts';
import { withToken } from '../stream/request.ts';
import type { ReadyTarget } from '../target/ready-target.ts';
import { Connector, dialOptions } from '../transport/connector.ts';
import { ADDRESS_NOT_ALLOWED, NETWORK, type Network } from '../transport/dial.ts';
import { Canary } from './canary/canary.ts';
import { ClosedLoad } from './closed-load.ts';
import { DialGate } from './dial-gate.ts';
import { Failures } from './failures.ts';
import { Heartbeat, lengthOf, middleOf } from './freeze.ts';
import { learnedEnd } from './learned.ts';
import type { Load } from './load.ts';
import type { Command, TakeOver, WorkerEvent } from './messages.ts';
import { OpenLoad } from './open-load.ts';
import { OpenStreams } from './open-streams.ts';
import { arrivalPacer, arrivalSums, userPacer } from './pacer.ts';
import { type Plan, type Segment, transportsOf, type WorkerPlan } from './plan.ts';
import { Recorder } from './recorder.ts';
import { Scheduler } from './scheduler.ts';
import type { UserContext } from './virtual-user.ts';

/** How often the limits of open streams are checked, ms: a timeout is at most this late. */
const SWEEP_MS = 100;
/** How often the thread's own delay is sampled. */
const DELAY_SAMPLE_MS = 20;

/** One engine thread's work: its segment of a run. Makes streams, times them, counts them. */
export class Worker {
  readonly #load: Load;
  readonly #open: OpenStreams;
  /** A stream uses the value at its start. */
  readonly #targets: ReadyTarget[];
  readonly #failures = new Failures();
  readonly #recorder: Recorder;
  readonly #emit: (event: WorkerEvent) => void;
  readonly #clock: () => number;
  #timers: NodeJS.Timeout[] = [];
  /** Of streams that are no longer wanted after a change of the plan. */
  readonly #graces = new Set<NodeJS.Timeout>();
  #refused = false;
  #canary: Canary | undefined;
  readonly #heart: Heartbeat;

  constructor(
    { plan, segment, record, canaryPort, learned, life }: WorkerPlan,
    emit: (event: WorkerEvent) => void,
    network: Network = NETWORK,
  ) {
    this.#emit = emit;
    this.#clock = () => performance.now();
    const layout = streamLayout(plan.counted, plan.timingLimits);
    this.#recorder = new Recorder(layout, record);
    this.#open = new OpenStreams(plan.targets);
    const allowlist = buildAllowlist(plan.allow);
    this.#targets = [...plan.targets];
    const context: UserContext = {
      // The ids of its streams must not be those of the dead one's.
      runId: life === 0 ? plan.runId : `${plan.runId}-life${life}`,
      targets: this.#targets,
      connectors: plan.targets.map(
        ({ route }) => new Connector(dialOptions(route, allowlist, network, this.#clock)),
      ),
      classifiers: plan.targets.map((target, t) =>
        formatNamed(target.format).classifier({ ...target, learned: learnedEnd(learned, t) }),
      ),
      recorder: this.#recorder,
      clock: this.#clock,
      open: this.#open,
      finished: (result) => this.#finished(result),
    };
    this.#heart = new Heartbeat(this.#clock, DELAY_SAMPLE_MS);
    this.#load = makeLoad(plan, segment, context, new Scheduler(this.#clock, () => this.#beat()));
    if (canaryPort !== undefined) {
      this.#canary = new Canary({
        port: canaryPort,
        transports: transportsOf(plan),
        recorder: this.#recorder,
        // One connection of soakd's own: no stream.
        network: NETWORK,
        clock: this.#clock,
      });
    }
  }

  handle(command: Command): void {
    if (command.type === 'start') this.#start(command.atMs, command.takeOver);
    else if (command.type === 'stop') this.#stop(command.graceMs);
    else if (command.type === 'follow') this.#follow(command.pieces, command.graceMs);
    else if (command.type === 'token') {
      this.#targets[command.target] = withToken(this.#targets[command.target]!, command.token);
    } else {
      const { request, query } = command;
      this.#emit({ type: 'listed', request, streams: this.#open.list(query, this.#clock()) });
    }
  }

  /** @param atMs time 0 on the clock that all threads share (`process.hrtime`) */
  #start(atMs: number, takeOver: TakeOver | undefined): void {
    // performance.now() counts from the start of each thread.
    const shared = monotonicMs();
    // Before this its timers are not at work.
    this.#heart.beat();
    this.#canary?.start();
    this.#load.start(this.#clock() + (atMs - shared), takeOver);
    this.#timers = [setInterval(() => this.#sweep(), SWEEP_MS), this.#sampleDelay()];
  }

  #follow(pieces: readonly Piece[], graceMs: number): void {
    this.#load.follow(pieces);
    const now = this.#clock();
    if (graceMs <= 0) this.#load.cancelUnwanted(now);
    else if (Number.isFinite(graceMs)) {
      const timer = setTimeout(() => {
        this.#graces.delete(timer);
        this.#load.cancelUnwanted(now);
      }, graceMs);
      this.#graces.add(timer);
    }
  }

  #stop(graceMs: number): void {
    this.#load.stop();
    const cancel = (): void => {
      for (const stream of [...this.#open]) stream.cancel('cancelled');
    };
    if (graceMs <= 0) cancel();
    // With an infinite grace period, open streams drain.
    else if (Number.isFinite(graceMs)) this.#timers.push(setTimeout(cancel, graceMs));
  }

  #sweep(): void {
    this.#canary?.listen();
    this.#beat();
    // Timers run before reads: after a pause of this thread, bytes that came in time still wait in the kernel. They are
    // read before a stream without them is called late.
    setImmediate(() => this.#sweepStreams());
  }

  #sweepStreams(): void {
    this.#canary?.sweep();
    this.#open.sweep(this.#clock(), this.#recorder);
    this.#load.account();
    const failures = this.#failures.take();
    if (failures !== undefined) this.#emit(failures);
    if (this.#load.drained) {
      for (const timer of [...this.#timers, ...this.#graces]) clearInterval(timer);
      this.#load.close();
      this.#canary?.stop();
      this.#emit({ type: 'drained' });
    }
  }

  /** Where the thread was frozen, moves limits and waits by that time, and reports it. */
  #beat(): void {
    const freeze = this.#heart.beat();
    if (freeze === undefined) return;
    const [middleMs, lengthMs] = [middleOf(freeze), lengthOf(freeze)];
    this.#open.frozen(middleMs, lengthMs);
    this.#canary?.frozen(middleMs, lengthMs);
    this.#load.frozen(freeze);
    const toMs = monotonicMs();
    this.#emit({ type: 'frozen', freeze: { fromMs: toMs - lengthMs, toMs } });
  }

  #sampleDelay(): NodeJS.Timeout {
    let dueMs = this.#clock() + DELAY_SAMPLE_MS;
    return setInterval(() => {
      const now = this.#clock();
      this.#beat();
      this.#recorder.eventLoopDelay(now - dueMs);
      dueMs = now + DELAY_SAMPLE_MS;
    }, DELAY_SAMPLE_MS);
  }

  #finished(result: StreamResult): void {
    this.#failures.add(result);
    if (!this.#refused && result.detail?.startsWith(ADDRESS_NOT_ALLOWED) === true) {
      this.#refused = true;
      this.#emit({ type: 'refused', detail: result.detail.slice(ADDRESS_NOT_ALLOWED.length + 2) });
    }
  }
}

function makeLoad(plan: Plan, segment: Segment, context: UserContext, scheduler: Scheduler): Load {
  const { model, stages, seed } = plan.scenario;
  const gate = new DialGate(DIALS_PER_SECOND / segment.count);
  return model.kind === 'closed'
    ? new ClosedLoad(plan, segment, userPacer(stages), context, scheduler, gate)
    : new OpenLoad(
        plan,
        segment,
        arrivalPacer(stages),
        arrivalSums(model.arrivals, seededRandom(seed, 0)),
        context,
        scheduler,
        gate,
      );
}
