import type { NetworkShape } from '../core/network.ts';

/** Time from its start within which a dropped connection breaks, ms. */
const DROP_WITHIN_MS = 10_000;

/** A network that adds nothing. */
export const PLAIN_NETWORK: NetworkShape = {
  latencyMs: 0,
  jitterMs: 0,
  bandwidthBps: Number.POSITIVE_INFINITY,
  dropShare: 0,
  dropWithinMs: DROP_WITHIN_MS,
  dropAfterMs: Number.POSITIVE_INFINITY,
};

export interface NetworkPreset {
  readonly shape: NetworkShape;
  readonly help: string;
}

const MBIT = 1_000_000;

/** Round values in the order of magnitude of such networks, not measurements. */
export const NETWORK_PRESETS = {
  home: {
    shape: { ...PLAIN_NETWORK, latencyMs: 20, jitterMs: 5, bandwidthBps: 50 * MBIT },
    help: 'a wired line to a nearby data center',
  },
  mobile: {
    shape: { ...PLAIN_NETWORK, latencyMs: 60, jitterMs: 25, bandwidthBps: 5 * MBIT, dropShare: 0.001 },
    help: 'a phone with fair reception',
  },
  train: {
    shape: { ...PLAIN_NETWORK, latencyMs: 200, jitterMs: 150, bandwidthBps: MBIT, dropShare: 0.02 },
    help: 'a moving phone: slow, with jitter and dropped connections',
  },
  'cross-region': {
    shape: { ...PLAIN_NETWORK, latencyMs: 150, jitterMs: 5 },
    help: 'another continent, over a good line',
  },
  satellite: {
    shape: { ...PLAIN_NETWORK, latencyMs: 600, jitterMs: 30, bandwidthBps: 20 * MBIT },
    help: 'a geostationary satellite',
  },
} as const satisfies Readonly<Record<string, NetworkPreset>>;
