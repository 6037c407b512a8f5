/** Request header that carries the stream's id to the target. */
export const STREAM_ID_HEADER = 'x-soak-stream-id';
