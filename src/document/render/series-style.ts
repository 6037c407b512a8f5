/**
 * Colours and dashes of the lines of a plot. Colours are those of Okabe and Ito (“Color Universal Design”, 2008), which
 * people with defective colour vision distinguish, darkened or lightened to a contrast of 3:1 to the background. Dashes
 * distinguish lines in print without colour.
 */
export const SERIES_STYLES: readonly {
  readonly light: string;
  readonly dark: string;
  readonly dash: string;
}[] = [
  { light: '#0072b2', dark: '#56b4e9', dash: 'none' },
  { light: '#b84f00', dark: '#ee8a3c', dash: '7 3' },
  { light: '#00795a', dark: '#2fc79b', dash: '2 3' },
  { light: '#a8487f', dark: '#df9cc2', dash: '9 3 2 3' },
  { light: '#8a6d00', dark: '#e6b83a', dash: '4 2' },
  { light: '#333333', dark: '#dddddd', dash: '12 4' },
];

/** Returns the place of the style of a series. */
export const styleOf = (index: number): number => index % SERIES_STYLES.length;
