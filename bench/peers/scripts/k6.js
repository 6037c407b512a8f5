import http from 'k6/http';

export const options = {
  discardResponseBodies: true,
  summaryTrendStats: ['avg', 'med', 'p(99)'],
  scenarios: {
    readers: {
      executor: 'constant-vus',
      vus: Number(__ENV.USERS),
      duration: `${__ENV.SECONDS}s`,
      gracefulStop: `${__ENV.DRAIN}s`,
    },
  },
};

export default function () {
  http.get(__ENV.TARGET, { timeout: '120s' });
}
