import { type AlertCases, type Case, STATES, type State } from '../case.ts';
import { B, finished, runActive, up } from '../series.ts';

const ALWAYS = [{ severity: 'none' }];

/** It fires whatever there is to see: that is what it is for. */
const firing = (...series: Case['series']): Case => ({ series, at: { '0m': ALWAYS, '10m': ALWAYS } });

const SERIES: Readonly<Record<State, Case['series']>> = {
  healthy: [up('1x10'), runActive('1x10'), ...finished({ success: '0+100x10' })],
  'total outage, no success ever exported': [
    up('1x10'),
    runActive('1x10'),
    ...finished({ failed: '0+100x10' }),
  ],
  'low traffic': [up('1x10'), runActive('1x10'), ...finished({ success: '0+1x10' })],
  'no traffic': [up('1x10'), runActive('1x10'), ...finished({ success: '0x10' })],
  'no run': [up('1x10'), runActive('0x10')],
  'run just started': [up('1x10'), runActive('0x8 1x1')],
  'service restarted mid-window': [up('1x4 0 1x5'), runActive('1x4 0 1x5')],
  'one of several targets bad': [
    up('1x10'),
    runActive('1x10'),
    ...finished({ failed: '0+100x10' }),
    ...finished({ success: '0+100x10' }, { target: 'good' }),
  ],
  'several instances': [up('1x10'), up('0x10', { instance: B }), runActive('1x10')],
};

export const watchdog: AlertCases = {
  alert: 'Watchdog',
  rules: ['soak-generator'],
  states: Object.fromEntries(STATES.map((state) => [state, firing(...SERIES[state])])) as Record<State, Case>,
  more: {
    'with nothing at all, and from the start': {
      series: [],
      at: { '0m': ALWAYS, '10m': ALWAYS },
      says: { '1m': [[{ severity: 'none' }, 'Alerting works']] },
    },
  },
};
