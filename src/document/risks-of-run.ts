import type { Subject } from '../analysis/level-point.ts';
import { HOUR_MS } from '../core/clock.ts';
import { isLoopback } from '../core/loopback.ts';
import { resultOf } from '../core/outcome.ts';
import { loadAdvice } from '../report/what-went-wrong.ts';
import type { Summary } from '../schema/summary.ts';
import type { ReportedRun } from './input.ts';
import { jumpText, patternOf } from './load-pattern.ts';
import { recommendedFor, recommendedText } from './recommended.ts';
import { type Risk, seen, untested } from './risk.ts';
import { hasEnded, silentTargets, silentText } from './silent-targets.ts';
import { countText, msText, numberText, plural, shareText, someOf, wereText } from './text.ts';

/** Below it a slow leak cannot show. */
const SHORT_MS = HOUR_MS;

/** Returns what a run shows and leaves open; of a target that never answered only that. */
export function risksOfRun({ name, summary, subjects }: ReportedRun): Risk[] {
  const { setup } = summary;
  const silent = silentTargets(summary);
  const answering = setup.targets.filter((t) => !silent.includes(t.name)).map((t) => t.name);
  const of = { of: name, targets: answering };
  return [
    ...silent.map((target) => silentRisk(summary, target)),
    ...(answering.length === 0
      ? []
      : !hasEnded(summary)
        ? [
            seen(
              of,
              'no stream ended, so nothing was measured',
              'repeat the run for longer than one stream lasts',
            ),
          ]
        : [...seenIn(summary, of), ...untestedIn(summary, subjects, of)]),
  ];
}

type About = { readonly of: string; readonly targets: readonly string[] };

function silentRisk(summary: Summary, name: string): Risk {
  return seen(
    name,
    silentText(summary, name),
    'check that it runs and that its address is right, then repeat the run',
  );
}

function seenIn(summary: Summary, of: About): Risk[] {
  const { run, measurementQuality: quality, loadDelivered, endReason } = summary;
  const own = (target: string): boolean => of.targets.includes(target);
  const failures = summary.failures.filter((f) => own(f.target) && resultOf(f.outcome) === 'failed');
  const failed = failures.reduce((sum, f) => sum + f.count, 0);
  const outages = summary.outages.filter((o) => own(o.target));
  const some = (targets: readonly string[]): About => ({ of: of.of, targets: [...new Set(targets)] });
  const soakd: About = { of: of.of, targets: [] };
  return [
    ...(failed === 0
      ? []
      : [
          seen(
            some(failures.map((f) => f.target)),
            `${plural(failed, 'stream')} failed`,
            'see the failures under Reliability, the most frequent outcome first',
          ),
        ]),
    ...(outages.length === 0
      ? []
      : [
          seen(
            some(outages.map((o) => o.target)),
            `${plural(outages.length, 'outage')}`,
            'see what the target did at the time of the outages',
          ),
        ]),
    ...summary.drift.found.map((d) =>
      seen(
        d.target === null ? soakd : some([d.target]),
        d.text,
        'hold the load for longer, and look for what grows',
      ),
    ),
    ...(quality.unreliable === 0
      ? []
      : [
          seen(
            soakd,
            `${countText(quality.unreliable)} of ${plural(quality.windows, 'measurement window')} ${wereText(quality.unreliable)} unreliable: soakd itself was late`,
            'give it more CPU, or another machine than the targets',
          ),
        ]),
    ...(loadDelivered.ratio === null || loadDelivered.ratio >= loadDelivered.required
      ? []
      : [
          seen(
            soakd,
            `only ${shareText(loadDelivered.ratio)} of the planned load was delivered`,
            loadAdvice(summary),
          ),
        ]),
    ...(run.gaps.length === 0
      ? []
      : [
          seen(
            of,
            `the run was interrupted (${plural(run.gaps.length, 'gap')})`,
            'repeat the run without a gap',
          ),
        ]),
    ...(endReason === 'completed'
      ? []
      : [seen(of, `the run did not come to its planned end: ${endReason}`, endedNext(endReason))]),
  ];
}

function untestedIn(summary: Summary, subjects: readonly Subject[], of: About): Risk[] {
  const { run, setup } = summary;
  const recommended = recommendedFor(subjects)?.load ?? null;
  const targets = setup.targets.filter((t) => of.targets.includes(t.name));
  const namesOf = (some: typeof targets): About => ({ of: of.of, targets: some.map((t) => t.name) });
  const local = targets.filter((t) => isLocal(t.url));
  const simulated = targets.filter((t) => t.url === 'simulator');
  return [
    ...(run.measuredMs >= SHORT_MS
      ? []
      : [
          untested(
            of,
            `the run measured ${msText(run.measuredMs)}: a slow leak or a nightly job cannot show`,
            recommended === null
              ? 'hold a load that keeps the limits for hours'
              : `hold the recommended load for hours: ${recommendedText(subjects)}`,
          ),
        ]),
    ...(local.length === 0
      ? []
      : [
          untested(
            namesOf(local),
            `the load came over loopback (${someOf(local.map((t) => t.name))}): no latency, no loss, and the target shared the machine with soakd`,
            'repeat it over the network, or with soakd relay in between',
          ),
        ]),
    ...(simulated.length === 0
      ? []
      : [
          untested(
            namesOf(simulated),
            `${someOf(simulated.map((t) => t.name))} ${simulated.length === 1 ? 'is a simulator, not a real server' : 'are simulators, not real servers'}`,
            'repeat it against the real server',
          ),
        ]),
    untested(of, 'one machine generated the load', 'repeat it from several machines at once'),
    ...spikeRisks(summary, of),
  ];
}

function spikeRisks(summary: Summary, of: About): Risk[] {
  const isRate = summary.setup.model.kind === 'open';
  const pattern = patternOf(summary.setup, summary.levels);
  if (pattern.hasSpikes || pattern.falls) return [];
  const unit = isRate ? 'streams/s' : 'users';
  const tested = jumpText(pattern, (load) => `${numberText(load)} ${unit}`, isRate);
  return [
    untested(
      of,
      `${tested === null ? '' : `${tested}; `}the load never fell: a short spike on top of a running load, and recovery after it, were not tested`,
      'add a stage of shape spike',
    ),
  ];
}

function isLocal(url: string): boolean {
  return URL.canParse(url) && isLoopback(new URL(url).hostname);
}

function endedNext(endReason: Summary['endReason']): string {
  return endReason === 'budget_spent'
    ? 'raise the budget, or shorten the run'
    : 'see the events for what ended it, and repeat the run';
}
