import { counter } from '../core/metric-info.ts';
import type { ShareRecord } from './record.ts';

/** Responses that something on the way held back: without it a proxy that buffers makes gaps look perfect. */
export const buffered: ShareRecord = {
  title: 'Responses that arrived at once',
  panel:
    'Of the successes with ten content chunks or more those whose content came all at once, at their end. 0 where responses are streamed.',
  alert: 'SoakResponsesBuffered',
  noun: 'share of long responses that arrived at once',
  counted: 'successes with ten chunks or more',
  part: counter(
    'soak_streams_buffered_total',
    'Successful streams of ten content chunks or more that were not streamed: all content came at once at their end.',
    'target',
  ),
  whole: counter(
    'soak_streams_bufferable_total',
    'Successful streams of ten content chunks or more, which can show whether a response is streamed.',
    'target',
  ),
  op: '>',
};
