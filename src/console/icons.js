// The page's icons: strokes on a grid of 24, drawn in the colour of the text beside them.

import { html } from './html.js'

/** @type {Record<string, string>} */
const strokes = {
  alert: 'M12 4 2.8 20h18.4L12 4Z M12 10v4.5 M12 17.3v.1',
  arrow: 'M5 12h14 M13 6l6 6-6 6',
  back: 'M19 12H5 M11 6l-6 6 6 6',
  bolt: 'M13 3 5 13.5h6L10.5 21 19 10h-6.5L13 3Z',
  check: 'M5 12.5l4.5 4.5L19 7',
  clock: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z M12 7.5V12l3 2',
  close: 'M6 6l12 12 M18 6 6 18',
  compass: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z M15.5 8.5l-2 5-5 2 2-5 5-2Z',
  copy: 'M9 9h10v11H9z M15 9V4H5v11h4',
  download: 'M12 4v11 M7 10.5l5 5 5-5 M5 20h14',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z M12 9.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Z',
  key: 'M8 11a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z M11 12.5 19.5 4 M16 7.5l3 3',
  layers: 'M12 3.5 3 8.5l9 5 9-5-9-5Z M3 13l9 5 9-5 M3 17l9 5 9-5',
  list: 'M9 6h11 M9 12h11 M9 18h11 M4.5 6h.1 M4.5 12h.1 M4.5 18h.1',
  menu: 'M4 7h16 M4 12h16 M4 17h16',
  more: 'M12 5.2v.1 M12 12v.1 M12 18.8v.1',
  pause: 'M8.5 5v14 M15.5 5v14',
  pencil: 'M4 20l1-4.5L16.5 4 20 7.5 8.5 19 4 20Z M14 6.5l3.5 3.5',
  play: 'M7 5l12 7-12 7V5Z',
  plug: 'M9 3v5 M15 3v5 M6 8h12v3a6 6 0 0 1-12 0V8Z M12 17v4',
  plus: 'M12 5v14 M5 12h14',
  power: 'M12 4v8 M7 7a7.5 7.5 0 1 0 10 0',
  profile:
    'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z M12 7a2.8 2.8 0 1 1 0 5.6A2.8 2.8 0 0 1 12 7Z M6.5 18.2c.7-2.2 2.7-3.5 5.5-3.5s4.8 1.3 5.5 3.5',
  refresh: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9 M20 4v5h-5',
  search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13Z M15.5 15.5 20.5 20.5',
  shield: 'M12 3.5 5 6v5.5c0 4.5 3 7.5 7 9 4-1.5 7-4.5 7-9V6l-7-2.5Z M9 12l2.2 2.2L15.5 10',
  sliders:
    'M4 7h8 M18 7h2 M4 17h2 M12 17h8 M15 4.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Z M9 14.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Z',
  stop: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z M6 18 18 6',
  theme: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z M12 3.5v17 M12 8l6.5-1 M12 12h8.5 M12 16l6.5 1',
  trash: 'M4.5 6.5h15 M9.5 6.5V4h5v2.5 M6.5 6.5 7.5 20h9l1-13.5 M10.5 10.5v6 M13.5 10.5v6',
  upload: 'M12 16V5 M7 9.5l5-5 5 5 M5 20h14',
  users:
    'M9 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7Z M2.5 20c.4-3.8 2.9-6 6.5-6s6.1 2.2 6.5 6 M15.5 5a3.3 3.3 0 0 1 0 6.3 M18 14.6c2 .9 3.2 2.8 3.5 5.4',
}

/** An icon; it says nothing to a screen reader, so there is always a word too. @param {{ name: string }} props */
export const Icon = ({ name }) => html`
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${strokes[name]} /></svg>
`
