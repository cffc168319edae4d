import { loadSettings } from '../library/settings.ts';
import { watchInstall } from '../platform/install.ts';
import { AppShell } from '../ui/app-shell.ts';
import { define } from '../ui/define.ts';
import { matchLanguage, setLanguage } from '../ui/i18n.ts';

watchInstall(() => undefined);
// The language is there before the first element is drawn, so that no sentence changes under the reader's eyes.
const { language } = loadSettings();
await setLanguage(language === 'auto' ? matchLanguage(navigator.languages) : language);
define('verselet-app', AppShell);
