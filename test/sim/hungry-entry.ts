/** The entry of a thread of a simulator that fills its heap when a test says so on this channel. */
const channel = new BroadcastChannel('hungry-simulator-threads');
const kept: object[] = [];
channel.unref();
channel.onmessage = () => {
  for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
};

await import('../../src/sim/thread-entry.ts');
