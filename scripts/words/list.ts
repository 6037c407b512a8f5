/** A word that soakd does not use, and what it uses in its place. */
export interface Banned {
  /** In texts: whole words, whatever their case. Absent: it may be used there. */
  readonly text?: RegExp;
  /** In names: parts of camelCase and of CONSTANTS, lower case. Absent: it may be used there. */
  readonly name?: RegExp;
  /** The whole name has to match. */
  readonly whole?: true;
  /** The whole name is looked at, and only that of a CONSTANT. */
  readonly constant?: true;
  readonly instead: string;
}

/** One word for one thing: what SREs know from Prometheus, k6 and Node. */
export const BANNED: readonly Banned[] = [
  { text: /figures?/, name: /figures?/, instead: 'metric, measure or value' },
  { text: /honest(y|ly)?/, name: /honesty/, instead: 'measurement quality' },
  { text: /error bars?/, name: /error bar/, instead: 'measurement error' },
  { text: /suspect/, name: /suspect/, instead: 'unreliable' },
  { text: /present (run|stage|one|state)/, instead: 'current' },
  { text: /roads?/, name: /roads?/, instead: 'route' },
  { name: /reach/, instead: 'connect options, ConnectOptions' },
  { text: /surroundings/, name: /surroundings|around/, instead: 'dependencies, Deps' },
  {
    text: /judg(e|es|ed|ing|ements?)/,
    name: /judg(e|es|ed|ing|ements?)/,
    instead: 'classify (a stream), evaluate (a threshold)',
  },
  { text: /findings?/, name: /findings?/, instead: 'result' },
  { text: /tall(y|ies)/, name: /tall(y|ies)/, instead: 'stream counters' },
  { text: /complain(s|ed|ts?)?/, name: /complain(t|s)?/, instead: 'issue, addIssue' },
  { text: /sound parts?/, name: /sound/, instead: 'valid parts' },
  { text: /steer(s|ed)?/, name: /steer|course/, instead: 'live plan: LivePlan, adjust' },
  { name: /demand/, instead: 'require' },
  { name: /looks?|looking/, whole: true, instead: 'poll, evaluation' },
  {
    name: /(most|longest|least|shortest|often|enough) .*|.* (often|enough|every)( ms)?|most|longest|least|shortest|often|enough/,
    constant: true,
    instead: 'MAX_, MIN_, …_INTERVAL_MS, MIN_SAMPLES',
  },
  { text: /hoards?/, name: /hoard/, instead: 'memory ballast' },
  { text: /anew|again and again/, name: /anew/, instead: 'again, repeatedly' },
  { text: /(goes|go|going|went|gone) on|(stands?|stood|standing) still/, instead: 'continues, is paused' },
  { text: /mend(s|ed|ing)?/, name: /mend/, instead: 'fix' },
  { text: /in the mean/, instead: 'on average' },
  { text: /whoever|who may/, instead: 'anyone who, authorization' },
  { text: /told|tells?|telling/, name: /told|tells?/, instead: 'reports, emits, notifies' },
  { text: /is not taken/, instead: 'is rejected' },
  { text: /worth a word/, instead: 'reportable' },
  { text: /climb(s|ed|ing)?/, name: /climb(s|ing)?/, instead: 'upward trend' },
  { text: /swings?|com(es?|ing) and go(es|ing)?/, name: /swings?/, instead: 'periodic' },
  { text: /(the|its|their) books/, instead: "the simulator's counts" },
  { text: /is it us/, instead: 'generator health' },
  { text: /nothing would break it|to mind/, instead: 'OK (1 warning)' },
  { text: /an error in soakd itself/, instead: 'internal error' },
  { text: /a page of another site/, instead: 'cross-site request refused' },
  { text: /in no state for/, instead: 'not allowed while the run is STATE' },
  { text: /takes its place/, instead: 'restarted' },
  { text: /does so again/, instead: 'crash loop' },
];

/** What is no use of such a word: a name that another program gives, or the word in another sense. */
export const ALLOWED: readonly { readonly file: RegExp; readonly found: RegExp; readonly why: string }[] = [
  {
    file: /^CHANGELOG\.md$/,
    found: /^(honesty|suspect|judgement|judged|climb|swings) in .*\| 0\.1\.0 \| 0\.2\.0 \|/s,
    why: 'names of 0.1.0, beside the new ones',
  },
  {
    file: /^src\/document\/render\/html-(?:plot|style)\.ts$/,
    found: /^figure in /,
    why: 'the HTML element of that name',
  },
];
