export const EVENT_STREAM = 'text/event-stream';

/** Names of messages of the stream of events. */
export type MessageName = 'state' | 'window' | 'event' | 'reset';

/**
 * Returns a message of a stream of server-sent events.
 * @param id position of a reader that has this message
 * @param data JSON; it has no line breaks
 */
export function message(name: MessageName, id: string, data: string): string {
  return `event: ${name}\nid: ${id}\ndata: ${data}\n\n`;
}
