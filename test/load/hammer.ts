import { parentPort, workerData } from 'node:worker_threads';
import { streamLayout, type TimingLimits } from '../../src/catalog/slots.ts';
import { Recorder, type SharedRecord } from '../../src/load/recorder.ts';

/** A worker thread that does nothing but count streams, as fast as it can, until it is told to stop. */
const { targets, timingLimits, record, stop } = workerData as {
  targets: string[];
  timingLimits: TimingLimits;
  record: SharedRecord;
  stop: Int32Array;
};

const recorder = new Recorder(streamLayout(targets, timingLimits), record);
let streams = 0;
parentPort!.postMessage('ready');
while (Atomics.load(stop, 0) === 0) {
  const target = recorder.targets[streams % targets.length]!;
  recorder.scheduleLag(1);
  target.started();
  target.moved('connecting', 'waiting');
  target.timing('ttfb', streams % 500);
  target.moved('waiting', 'streaming');
  for (let i = 0; i < 5; i++) {
    target.chunks(1, 1, 5);
    target.body(10, true, 3, 0);
  }
  target.ended('streaming', streams % 10 === 0 ? 'reset' : 'complete', 100, 5);
  streams++;
}
parentPort!.postMessage(streams);
