import { DIALS_PER_SECOND } from '../../core/generator.ts';
import type { Machine } from '../../machine/machine.ts';
import { type Check, count, stateOf, unknown } from '../check.ts';
import type { Need } from '../need.ts';

/** TIME_WAIT in Linux, s: the side that closes a connection first keeps its port this long. */
const LINGERS_S = 60;
/** Time after which a new connection can reuse the port with `tcp_tw_reuse`, s. */
const REUSED_AFTER_S = 1;
/** Default lifetime of a connection-tracking entry after its connection, s. */
const TRACKED_S = 120;

/**
 * Checks local ports: each connection to the same address and port needs one. A fresh connection asks the target to
 * close it, which frees the port at once; if soakd closes it, the port stays in TIME_WAIT.
 */
export function portCheck({ ports, portReuse }: Machine, { users, freshRate, loopback }: Need): Check {
  const name = 'ports';
  if (ports === undefined) return unknown(name, '/proc/sys/net/ipv4/ip_local_port_range cannot be read here');
  const all = Math.max(0, ports.to - ports.from + 1 - ports.reserved);
  const afterS = portReuse === 1 || (portReuse === 2 && loopback) ? REUSED_AFTER_S : LINGERS_S;
  const needed = users + Math.ceil(freshRate * afterS);
  const perSecond = Math.max(0, Math.floor((all - users) / afterS));
  const tight = needed > 0.8 * all;
  return {
    name,
    state: stateOf({ fail: all < users, warn: tight }),
    found:
      `${count(all)} (${ports.from} to ${ports.to})` +
      (all < users
        ? ''
        : `: enough for ${count(users)} users and ${count(perSecond)} new connections per second to one address if soakd closes them`),
    wanted:
      freshRate === 0
        ? `${count(users)} to one address; more with connection: fresh, unless the target closes first`
        : `${count(users)} to one address, and ${count(freshRate)} new connections per second`,
    advice: tight
      ? [
          ...(ports.to - ports.from < 60_000 ? ['sysctl -w net.ipv4.ip_local_port_range="1024 65535"'] : []),
          ...(afterS === LINGERS_S && freshRate > 0 ? ['sysctl -w net.ipv4.tcp_tw_reuse=1'] : []),
          'spread the users across several addresses of the target, or across several soakd processes with one address each',
        ]
      : [],
  };
}

/** Checks the accept queue; only if the built-in simulator is the server. */
export function backlogCheck({ backlog }: Machine, { users, simulator }: Need): Check | undefined {
  if (!simulator) return undefined;
  const name = 'backlog';
  if (backlog === undefined) return unknown(name, '/proc/sys/net/core/somaxconn cannot be read here');
  const { accepted, halfOpen } = backlog;
  // Connections of a third of a second: a simulator that is busy for longer is itself the bottleneck.
  const needed = Math.min(users, DIALS_PER_SECOND / 3);
  const few = accepted < needed;
  const fewHalfOpen = halfOpen !== undefined && halfOpen < needed;
  return {
    name,
    state: stateOf({ warn: few || fewHalfOpen }),
    found: `somaxconn ${count(accepted)}${halfOpen === undefined ? '' : `, tcp_max_syn_backlog ${count(halfOpen)}`}`,
    wanted: `${count(needed)}, so that the accept queue of the simulator holds a sudden start of all users`,
    advice: [
      ...(few ? ['sysctl -w net.core.somaxconn=4096'] : []),
      ...(fewHalfOpen ? ['sysctl -w net.ipv4.tcp_max_syn_backlog=4096'] : []),
    ],
  };
}

export function conntrackCheck({ conntrack, platform }: Machine, { users, freshRate }: Need): Check {
  const name = 'conntrack';
  if (platform !== 'linux') return unknown(name, `cannot be read on ${platform}`);
  if (conntrack === undefined) {
    return {
      name,
      state: 'ok',
      found: 'no connection tracking in this network namespace',
      advice: [],
    };
  }
  const { max, count: tracked } = conntrack;
  const needed = users + Math.ceil(freshRate * TRACKED_S);
  const left = max - tracked;
  const few = left < needed;
  return {
    name,
    state: stateOf({ fail: few, warn: left < 2 * needed }),
    found: `${count(left)} of ${count(max)} entries are free`,
    wanted: `${count(needed)}, since a full table drops packets`,
    advice:
      left < 2 * needed
        ? [`sysctl -w net.netfilter.nf_conntrack_max=${2 ** Math.ceil(Math.log2(4 * needed + tracked))}`]
        : [],
  };
}
