import { randomBytes } from 'node:crypto';

/** @returns an id that sorts by time and is unlike any other: `20261123-181502-4f9a` */
export function newRunId(now = new Date()): string {
  const [date, time] = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').split('T');
  return `${date}-${time}-${randomBytes(2).toString('hex')}`;
}
