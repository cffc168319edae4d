import { AppShell } from '../ui/app-shell.ts';
import { define } from '../ui/define.ts';
import { matchLanguage, setLanguage } from '../ui/i18n.ts';

// The language is there before the first element is drawn, so that no sentence changes under the reader's eyes.
await setLanguage(matchLanguage(navigator.languages));
define('verselet-app', AppShell);
