import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bracketOf, next, type SearchOptions, type Tried } from '../../src/capacity/search.ts';
import type { StepVerdict } from '../../src/schema/capacity.ts';

const OPTIONS: SearchOptions = { from: 10, most: 10_000, precision: 0.05, maxSteps: 12, whole: true };

/** Carries a search out. @param verdict of a load, by the number of the step */
function carriedOut(options: SearchOptions, verdict: (load: number, step: number) => StepVerdict) {
  const tried: Tried[] = [];
  for (;;) {
    const then = next(options, tried);
    if (then.kind === 'end') return { tried, ended: then.ended, ...bracketOf(tried) };
    const last = tried.at(-1);
    let found = verdict(then.load, tried.length);
    if (found === 'inconclusive' && last?.verdict === 'inconclusive' && last.load === then.load)
      found = 'generator';
    tried.push({ load: then.load, confirms: then.confirms, verdict: found });
    assert.ok(tried.length <= options.maxSteps, `more than ${options.maxSteps} steps`);
  }
}

const knee =
  (at: number) =>
  (load: number): StepVerdict =>
    load <= at ? 'held' : 'crossed';

const loadsOf = (tried: readonly Tried[]): string =>
  tried.map(({ load, confirms }) => `${load}${confirms ? '!' : ''}`).join(' ');

describe('the search for the capacity', () => {
  const table: readonly [what: string, options: Partial<SearchOptions>, at: number, loads: string][] = [
    ['doubles, bisects, confirms', {}, 30, '10 20 40 30 35 32 31 30!'],
    ['ends at neighbours', {}, 12, '10 20 15 12 13 12!'],
    ['halves while nothing holds', { from: 80 }, 12, '80 40 20 10 15 12 13 12!'],
    ['stops at the largest load allowed', { most: 35 }, 100, '10 20 35 35!'],
    ['does not start above the largest load allowed', { most: 5 }, 100, '5 5!'],
    ['finds that not even one user holds', { from: 4 }, 0, '4 2 1'],
    ['finds that one user holds', { from: 4 }, 1, '4 2 1 1!'],
    ['is done sooner where the interval may be wide', { precision: 0.5 }, 30, '10 20 40 30 30!'],
    ['keeps its last step for the confirmation', { maxSteps: 5 }, 1000, '10 20 40 80 80!'],
    [
      'tries rates between whole numbers',
      { whole: false, from: 0.5, precision: 0.1 },
      0.83,
      '0.5 1 0.75 0.875 0.813 0.813!',
    ],
  ];
  for (const [what, options, at, loads] of table)
    it(what, () => assert.equal(loadsOf(carriedOut({ ...OPTIONS, ...options }, knee(at)).tried), loads));

  it('continues below a load that the longer hold does not confirm', () => {
    const verdict = (load: number, step: number): StepVerdict =>
      load <= (step < 7 ? 30 : 26) ? 'held' : 'crossed';
    const { tried, good, bad, confirmed } = carriedOut(OPTIONS, verdict);
    assert.equal(loadsOf(tried), '10 20 40 30 35 32 31 30! 25 27 26 26!');
    assert.deepEqual([good, bad, confirmed], [26, 27, true]);
  });

  it('repeats a step that the generator left open, once', () => {
    const { tried } = carriedOut(OPTIONS, (load, step) => (step === 1 ? 'inconclusive' : knee(20)(load)));
    assert.equal(loadsOf(tried.slice(0, 4)), '10 20 20 40');
  });

  it('searches for the load that is proven where the generator is the limit', () => {
    const { tried, ended, good, bad } = carriedOut({ ...OPTIONS, precision: 0.5 }, (load) =>
      load <= 14 ? 'held' : 'inconclusive',
    );
    assert.equal(loadsOf(tried), '10 20 20 15 15 10!');
    assert.deepEqual([ended, good, bad], ['found', 10, 15]);
  });

  it('keeps a load as proven where the generator is too late for the longer hold', () => {
    const { tried, ended, good, confirmed } = carriedOut({ ...OPTIONS, precision: 0.5 }, (_, step) =>
      step === 0 ? 'held' : 'inconclusive',
    );
    assert.equal(loadsOf(tried), '10 20 20 15 15 10! 10!');
    assert.deepEqual([ended, good, confirmed], ['found', 10, false]);
  });

  it('ends where a threshold has too few observations', () => {
    assert.equal(carriedOut(OPTIONS, () => 'no-data').ended, 'no-data');
  });

  const options = fc.record({
    from: fc.integer({ min: 1, max: 2000 }),
    most: fc.integer({ min: 2000, max: 20_000 }),
    precision: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
    maxSteps: fc.integer({ min: 2, max: 40 }),
    whole: fc.boolean(),
  });

  it('ends within its steps, inside its bounds, whatever the verdicts are', () => {
    const verdicts = fc.infiniteStream(
      fc.constantFrom<StepVerdict>('held', 'crossed', 'inconclusive', 'held', 'crossed'),
    );
    fc.assert(
      fc.property(options, verdicts, (asked, stream) => {
        const seen: Tried[] = [];
        const { tried, good, bad } = carriedOut(asked, () => stream.next().value!);
        assert.ok(good < bad);
        for (const one of tried) {
          const before = bracketOf(seen);
          assert.ok(one.load > 0 && one.load <= asked.most, `${one.load} is out of bounds`);
          if (asked.whole) assert.ok(Number.isInteger(one.load));
          assert.ok(one.load >= before.good && one.load < before.bad, `${one.load} is not in the interval`);
          seen.push(one);
        }
      }),
    );
  });

  it('finds a knee anywhere within its precision, if it has the steps', () => {
    const wide = { ...OPTIONS, most: 100_000, maxSteps: 40 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 5000 }), (at, from) => {
        const { good, bad, ended, confirmed } = carriedOut({ ...wide, from }, knee(at));
        assert.deepEqual([ended, confirmed], ['found', true]);
        assert.ok(good <= at && at < bad);
        assert.ok(at - good <= Math.max(1, 0.05 * at), `${good} for ${at}`);
      }),
    );
  });

  it('needs at most 12 steps for a knee up to 16 times from where it begins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 160 }), (at) => {
        assert.equal(carriedOut(OPTIONS, knee(at)).ended, 'found', `${at}`);
      }),
    );
  });

  it('ends with an interval around a knee that noise makes soft', () => {
    const noise = fc.infiniteStream(fc.double({ min: -0.1, max: 0.1, noNaN: true }));
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 100 }), noise, (at, stream) => {
        const { good, bad } = carriedOut(OPTIONS, (load) => knee(at * (1 + stream.next().value!))(load));
        // Later steps cannot take back a wrong one, but none lies further off than the noise and the precision.
        assert.ok(good <= at * 1.1 && bad >= Math.floor(at * 0.9), `${good} to ${bad} for ${at}`);
      }),
    );
  });
});
