/** The entry of an engine thread whose loop is blocked for so many ms as a test says on this channel. */
const channel = new BroadcastChannel('sluggish-engine-threads');
channel.onmessage = ({ data }) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, data as number);
};

await import('../../src/load/worker-entry.ts');
