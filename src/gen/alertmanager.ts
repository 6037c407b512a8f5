import { promDuration } from '../promql/promql.ts';

export interface AlertmanagerOptions {
  /** Where alerts are posted, as JSON. */
  readonly webhook: string;
  /** Where the Watchdog is posted: something that tells you when it stops. */
  readonly watchdog: string;
  /** All waiting times are made so many times as long; below 1 for a test that has not hours. */
  readonly factor: number;
}

export const DEFAULT_ALERTMANAGER: AlertmanagerOptions = {
  webhook: 'http://127.0.0.1:9098/alerts',
  watchdog: 'http://127.0.0.1:9098/watchdog',
  factor: 1,
};

/** @returns a configuration of Alertmanager: routes and inhibition that fit the rules, and a webhook as receiver */
export function alertmanagerText({ webhook, watchdog, factor }: AlertmanagerOptions): string {
  return `${routes('alerts', 'alerts', factor)}
${INHIBITION}
# Change these. alertmanager.examples.yml has email and Slack in their place.
receivers:
  - name: alerts
    webhook_configs:
      - url: ${JSON.stringify(webhook)}
        send_resolved: true
  # Posted every five minutes for as long as alerting works. Let what receives it tell you when it stops.
  - name: watchdog
    webhook_configs:
      - url: ${JSON.stringify(watchdog)}
        send_resolved: false
`;
}

/** @returns the same with a receiver that tells nobody: alerts are shown on Alertmanager's page, inhibited as they would be */
export function alertmanagerQuietText(): string {
  return `route:
  receiver: nobody
  group_by: [job, alertname, target]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h

${INHIBITION}
receivers:
  - name: nobody
`;
}

/** @returns the same with receivers of other kinds: critical alerts to Slack, all others by email */
export function alertmanagerExampleText({ watchdog, factor }: AlertmanagerOptions): string {
  return `# Email and Slack in place of the webhook of alertmanager.yml. Fill in what is yours.
global:
  smtp_smarthost: smtp.example.invalid:587
  smtp_from: alertmanager@example.invalid
  smtp_auth_username: alertmanager@example.invalid
  smtp_auth_password_file: /etc/alertmanager/smtp-password
  smtp_require_tls: true

${routes('email', 'slack', factor)}
${INHIBITION}
receivers:
  - name: email
    email_configs:
      - to: soak-team@example.invalid
        send_resolved: true
        headers:
          Subject: '[{{ .Status | toUpper }}] {{ .CommonLabels.alertname }} {{ .CommonLabels.target }}'
        text: |-
          {{ range .Alerts }}{{ .Annotations.summary }}
          {{ .Annotations.description }}
          {{ .Annotations.runbook_url }}

          {{ end }}
  - name: slack
    slack_configs:
      # Holds the URL of an incoming webhook.
      - api_url_file: /etc/alertmanager/slack-url
        channel: '#soak'
        send_resolved: true
        color: '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}'
        title: '[{{ .Status | toUpper }}] {{ .CommonLabels.alertname }} {{ .CommonLabels.target }}'
        title_link: '{{ .CommonAnnotations.runbook_url }}'
        text: |-
          {{ range .Alerts }}• {{ .Annotations.summary }}
          {{ end }}
  - name: watchdog
    webhook_configs:
      - url: ${JSON.stringify(watchdog)}
        send_resolved: false
`;
}

type Wait = (n: number) => string;

function routes(usual: string, critical: string, factor: number): string {
  const [seconds, minutes, hours] = [1000, 60_000, 3_600_000].map(
    (ms) => (n: number) => promDuration(n * ms * factor),
  ) as [Wait, Wait, Wait];
  return `route:
  receiver: ${usual}
  # One message for an alert on a target, whatever its severities and windows.
  group_by: [job, alertname, target]
  group_wait: ${seconds(30)}
  group_interval: ${minutes(5)}
  repeat_interval: ${hours(4)}
  routes:
    - # Not to people: it shows that alerting works.
      matchers: ['alertname="Watchdog"']
      receiver: watchdog
      group_wait: 0s
      group_interval: ${minutes(1)}
      repeat_interval: ${minutes(5)}
    - # What users feel now.
      matchers: ['severity="critical"']
      receiver: ${critical}
      group_wait: ${seconds(10)}
      group_interval: ${minutes(1)}
      repeat_interval: ${hours(1)}
    - # To be read some day.
      matchers: ['severity="info"']
      receiver: ${usual}
      repeat_interval: ${hours(24)}
`;
}

/** Two labels that are absent count as equal, so that job is demanded on both sides: else strangers would inhibit each other. */
const INHIBITION = `inhibit_rules:
  # The worse one of the same alert is enough. Alerts of a target have no label instance: all instances are one.
  - source_matchers: ['severity="critical"', 'job=~".+"']
    target_matchers: ['severity=~"warning|info"', 'job=~".+"']
    equal: [job, alertname, target]
  - source_matchers: ['severity="warning"', 'job=~".+"']
    target_matchers: ['severity="info"', 'job=~".+"']
    equal: [job, alertname, target]
  # Who knows that success is low need not be told that the objective is missed.
  - source_matchers: ['alertname=~"SoakSuccessRateLow|SoakErrorBudgetBurn"', 'job=~".+"']
    target_matchers: ['alertname="SoakSuccessBelowObjective"', 'job=~".+"']
    equal: [job, target]
  # An instance that is down says nothing of itself. Where all are (it has no label instance then), none does.
  - source_matchers: ['alertname="SoakDown"', 'job=~".+"']
    target_matchers: ['alertname!="SoakDown"', 'job=~".+"']
    equal: [job, instance]
`;
