/** The entry of an engine thread that fills its heap when a test says so on this channel. */
const channel = new BroadcastChannel('hungry-engine-threads');
const kept: object[] = [];
channel.onmessage = () => {
  for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
};

await import('../../src/load/worker-entry.ts');
