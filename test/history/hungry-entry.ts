/** The entry of a thread of the history that fills its heap when a test says so on this channel. */
const channel = new BroadcastChannel('hungry-history-threads');
const kept: object[] = [];
channel.unref();
channel.onmessage = () => {
  for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
};

await import('../../src/history/thread-entry.ts');
