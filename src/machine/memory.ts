/**
 * Returns a reader of the resident set of this process, bytes. It never throws: Node opens a file of /proc for it, which
 * fails where no descriptor is free; then the last value stays.
 * @param read as `process.memoryUsage.rss`
 * @param peak largest resident set so far, bytes, in place of a first value; the system keeps it without a file
 */
export function residentReader(
  read: () => number = () => process.memoryUsage.rss(),
  peak: () => number = () => process.resourceUsage().maxRSS * 1024,
): () => number {
  let last: number | undefined;
  return () => {
    try {
      last = read();
    } catch {
      last ??= peak();
    }
    return last;
  };
}
