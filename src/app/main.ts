import { loadSettings } from '../library/settings.ts';
import { watchInstall } from '../platform/install.ts';
import { keepForOffline } from '../platform/update.ts';
import { AppShell } from '../ui/app-shell.ts';
import { define } from '../ui/define.ts';
import { matchLanguage, setLanguage } from '../ui/i18n.ts';
import { trustOwnWorkers } from './trusted-types.ts';

const RELOADED = 'verselet-reloaded';

trustOwnWorkers();
watchInstall(() => undefined);
document.addEventListener('verselet-poem', () => void keepForOffline(), { once: true });

// A part of an older build may be gone after a new one was put up: one reload gets the new one, never more than one.
addEventListener('vite:preloadError', (event) => {
  // Without a network a reload would take the page away.
  if (!navigator.onLine || sessionStorage.getItem(RELOADED)) return;
  sessionStorage.setItem(RELOADED, '1');
  event.preventDefault();
  location.reload();
});

// The language is there before the first element is drawn, so that no sentence changes under the reader's eyes.
const { language } = loadSettings();
await setLanguage(language === 'auto' ? matchLanguage(navigator.languages) : language);
define('verselet-app', AppShell);
