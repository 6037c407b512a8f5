import { ALERTS } from '../../thresholds/table.ts';

/** Returns the runbook's advice, for the description of a panel that shows the value of an alert. */
export function advice(alert: string): string {
  const text = ALERTS[alert];
  if (text === undefined) throw new Error(`there is no alert ${alert}`);
  return `What to do where it crosses its limit (${alert}): ${text.action}`;
}
