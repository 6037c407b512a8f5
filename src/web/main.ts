import { h, render } from 'preact';
import { App } from './app.ts';

const place = document.getElementById('app')!;
render(h(App, null), place);
