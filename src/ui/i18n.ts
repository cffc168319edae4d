import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { english, type Strings } from './strings.ts';

export const LANGUAGES = ['en', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];

let current: Strings = english;
let language: Language = 'en';
const listeners = new Set<() => void>();

/** The sentences of the chosen language. */
export function t(): Strings {
  return current;
}

export function currentLanguage(): Language {
  return language;
}

/** The best language for a list such as `navigator.languages`; English where none fits. */
export function matchLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split('-')[0];
    const match = LANGUAGES.find((known) => known === primary);
    if (match) return match;
  }
  return 'en';
}

/** Loads and shows a language; every element that holds a {@link LocaleController} renders again. */
export async function setLanguage(next: Language): Promise<void> {
  current = next === 'es' ? (await import('./strings.es.ts')).spanish : english;
  language = next;
  for (const listener of listeners) listener();
}

/** Renders its host again when the language changes. */
export class LocaleController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #update = () => this.#host.requestUpdate();

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    listeners.add(this.#update);
  }

  hostDisconnected(): void {
    listeners.delete(this.#update);
  }
}
