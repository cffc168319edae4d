/** What the reader chose about the page itself; in `localStorage`, because the first paint needs it. */
export interface Settings {
  language: 'auto' | 'en' | 'es';
  appearance: 'auto' | 'light' | 'dark';
}

const KEY = 'verselet-settings';
const CHOICES: { [K in keyof Settings]: readonly Settings[K][] } = {
  language: ['auto', 'en', 'es'],
  appearance: ['auto', 'light', 'dark'],
};
const DEFAULTS: Settings = { language: 'auto', appearance: 'auto' };

/** The stored settings; anything unknown in the store is the default. Never throws. */
export function loadSettings(): Settings {
  let stored: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof parsed === 'object' && parsed !== null) stored = parsed as Record<string, unknown>;
  } catch {
    // Blocked storage, or not ours: the defaults hold.
  }
  const pick = <K extends keyof Settings>(name: K): Settings[K] =>
    CHOICES[name].find((choice) => choice === stored[name]) ?? DEFAULTS[name];
  return { language: pick('language'), appearance: pick('appearance') };
}

/** Keeps the settings where the browser allows it. */
export function saveSettings(settings: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // They hold for this visit.
  }
}
