import { promDuration } from '../promql/promql.ts';

export interface AlertmanagerOptions {
  /** URL that receives alerts, as JSON. */
  readonly webhook: string;
  /** URL that receives the Watchdog: a service that notifies you when it stops. */
  readonly watchdog: string;
  /** Factor for all waiting times; below 1 for a test that must not take hours. */
  readonly factor: number;
}

export const DEFAULT_ALERTMANAGER: AlertmanagerOptions = {
  webhook: 'http://127.0.0.1:9098/alerts',
  watchdog: 'http://127.0.0.1:9098/watchdog',
  factor: 1,
};

/** Returns a configuration of Alertmanager: routes and inhibition that fit the rules, and a webhook as receiver. */
export function alertmanagerText({ webhook, watchdog, factor }: AlertmanagerOptions): string {
  return `${routes('alerts', 'alerts', factor)}
${INHIBITION}
# Replace these receivers. alertmanager.examples.yml has email and Slack instead.
receivers:
  - name: alerts
    webhook_configs:
      - url: ${JSON.stringify(webhook)}
        send_resolved: true
  # Posted every five minutes while alerting works. Use a service that notifies you when the posts stop.
  - name: watchdog
    webhook_configs:
      - url: ${JSON.stringify(watchdog)}
        send_resolved: false
`;
}

/** Returns a configuration without notifications: Alertmanager's page shows the alerts, with inhibition. */
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

/** Returns a configuration with other receivers: critical alerts to Slack, all others by email. */
export function alertmanagerExampleText({ watchdog, factor }: AlertmanagerOptions): string {
  return `# Email and Slack instead of the webhook of alertmanager.yml. Fill in your addresses.
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
      # File with the URL of an incoming webhook.
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
    - # Not for people: the Watchdog shows that alerting works.
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
    - # Not urgent.
      matchers: ['severity="info"']
      receiver: ${usual}
      repeat_interval: ${hours(24)}
`;
}

/** Requires job on both sides: absent labels count as equal, so unrelated alerts would inhibit each other. */
const INHIBITION = `inhibit_rules:
  # The highest severity of an alert is enough. Alerts about a target have no label instance: they cover all instances.
  - source_matchers: ['severity="critical"', 'job=~".+"']
    target_matchers: ['severity=~"warning|info"', 'job=~".+"']
    equal: [job, alertname, target]
  - source_matchers: ['severity="warning"', 'job=~".+"']
    target_matchers: ['severity="info"', 'job=~".+"']
    equal: [job, alertname, target]
  # A low success rate implies a missed objective.
  - source_matchers: ['alertname=~"SoakSuccessRateLow|SoakErrorBudgetBurn"', 'job=~".+"']
    target_matchers: ['alertname="SoakSuccessBelowObjective"', 'job=~".+"']
    equal: [job, target]
  # An instance that is down reports nothing else. SoakDown has no label instance when all instances are down.
  - source_matchers: ['alertname="SoakDown"', 'job=~".+"']
    target_matchers: ['alertname!="SoakDown"', 'job=~".+"']
    equal: [job, instance]
`;
