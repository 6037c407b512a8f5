/** Violations of HTTP/1.1's framing (RFC 9112). */
export type FramingFault =
  | 'BAD_STATUS_LINE'
  | 'BAD_FIELD'
  | 'HEAD_TOO_LARGE'
  | 'BAD_CONTENT_LENGTH'
  | 'BAD_TRANSFER_ENCODING'
  | 'TWO_FRAMINGS'
  | 'BAD_CHUNK'
  | 'UPGRADE';

const WORDS: Readonly<Record<FramingFault, string>> = {
  BAD_STATUS_LINE: 'the answer does not begin with a status line of HTTP/1.0 or HTTP/1.1',
  BAD_FIELD: 'a header field is not well formed',
  HEAD_TOO_LARGE: 'the head or the trailer is over 64 KiB',
  BAD_CONTENT_LENGTH: 'content-length is not one whole number',
  BAD_TRANSFER_ENCODING: 'transfer-encoding is not only chunked, and no other coding was requested',
  TWO_FRAMINGS: 'both content-length and transfer-encoding in one head',
  BAD_CHUNK: 'the framing of a chunk is not well formed',
  UPGRADE: 'an upgrade that was not requested',
};

/** The answer is not HTTP, or its framing is unsafe. Its connection cannot be used again. */
export class FramingError extends Error {
  readonly code: FramingFault;

  /** @param message what is known of it beyond its code */
  constructor(code: FramingFault, message: string = WORDS[code]) {
    super(message);
    this.name = 'FramingError';
    this.code = code;
  }
}
