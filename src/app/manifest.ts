/** The web app manifest. Every address is relative to it, so that the page runs under any path. */

const SHORTCUTS = ['joy', 'sadness', 'trust', 'anger', 'fear', 'disgust', 'surprise', 'anticipation', 'neutral'];

export const manifest = {
  id: './',
  name: 'Verselet',
  short_name: 'Verselet',
  description: 'A page of a poetry book that writes itself, in your browser, on your own device.',
  lang: 'en',
  dir: 'ltr' as const,
  start_url: './',
  scope: './',
  display: 'standalone' as const,
  background_color: '#f8f6f3',
  theme_color: '#f8f6f3',
  categories: ['entertainment', 'books'],
  icons: [
    { src: 'icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' as const },
    { src: 'icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' as const },
    { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' as const },
    { src: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' as const },
  ],
  screenshots: [
    {
      src: 'screenshot-narrow.png',
      sizes: '780x1688',
      type: 'image/png',
      form_factor: 'narrow' as const,
      label: 'A poem of joy in quatrains, on a phone',
    },
    {
      src: 'screenshot-wide.png',
      sizes: '1440x900',
      type: 'image/png',
      form_factor: 'wide' as const,
      label: 'A poem of joy in quatrains, on a desktop',
    },
  ],
  shortcuts: SHORTCUTS.map((emotion) => ({
    name: emotion === 'neutral' ? 'A poem' : `A poem of ${emotion}`,
    short_name: emotion,
    url: `./?emotion=${emotion}&compose=1`,
    icons: [{ src: 'icon-192.png', sizes: '192x192', type: 'image/png' }],
  })),
  share_target: {
    action: './',
    method: 'GET' as const,
    params: { title: 'sharedTitle', text: 'theme', url: 'sharedUrl' },
  },
};
