import { currentLanguage } from './i18n.ts';

const MEGA = 1e6;

/** A number with at most `digits` decimals, in the page's language. */
export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: digits, minimumFractionDigits: 0 }).format(value);
}

/** Bytes as megabytes (10^6), one decimal below 100; from 1000 on as gigabytes. */
export function megabytes(bytes: number): string {
  const value = bytes / MEGA;
  if (value >= 1000) return `${number(value / 1000, 1)} GB`;
  return `${number(value, value < 100 ? 1 : 0)} MB`;
}

/** `loaded of total` with one unit. */
export function megabytesOf(loaded: number, total: number): [string, string] {
  return [number(loaded / MEGA, total < 100 * MEGA ? 1 : 0), megabytes(total)];
}

/** A day as people write it, for a contents page. */
export function day(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  return new Intl.DateTimeFormat(currentLanguage(), { day: 'numeric', month: 'short', year: 'numeric' }).format(date);
}

/** Seconds in words' shortest form: `8 s`, `2 min`. */
export function duration(seconds: number): string {
  return seconds < 90 ? `${number(Math.max(1, Math.round(seconds)))} s` : `${number(Math.round(seconds / 60))} min`;
}

/** Enough of a revision to tell it from others: of a commit, or of the hash of a model that ships with the page. */
export function shortRevision(revision: string): string {
  return revision.replace(/^embedded-/, '').slice(0, 12);
}
