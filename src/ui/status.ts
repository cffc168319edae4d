import type { ModelPreview } from '../worker/client.ts';
import { duration, megabytes, megabytesOf } from './format.ts';
import { isBusy, type SessionState } from './session-state.ts';
import { t } from './i18n.ts';
import type { DownloadQuestion } from './model-desk.ts';
import { expectedLines } from './form-shape.ts';

/** The engine's word for a GPU that the browser does not name. */
const NAMELESS = 'GPU';

/** What the page is doing, in one sentence. */
export function sentenceOf(state: SessionState): string {
  const words = t();
  switch (state.phase) {
    case 'idle':
      return '';
    case 'loading':
      if (state.question) return words.asking;
      return state.progress ? loadingSentence(state) : words.starting;
    case 'writing': {
      const where = state.device ? words.place[state.device.kind] : '';
      const lines = state.page?.lines.length ?? 0;
      const total = state.writing?.total ?? expectedTotal(state);
      if (state.writing) return words.writingLine(state.writing.index + 1, total, where);
      return total && lines < total ? words.writingLine(lines + 1, total, where) : words.writing(where);
    }
    case 'done': {
      const poem = state.page?.poem;
      if (!poem) return '';
      // The line of the device says the rest where it is there.
      return words.written(state.device ? '' : words.place[poem.device], duration(poem.timings.totalMs / 1000), poem.model.id);
    }
    case 'stopped':
      if (state.page?.received) return words.received;
      return state.page?.lines.length ? words.stopped : words.stoppedEmpty;
    case 'failed':
      return '';
  }
}

/** How much is done, for the rule: 0–1, NaN when unknown, undefined at rest. */
export function shareOf(state: SessionState): number | undefined {
  if (!isBusy(state)) return undefined;
  if (state.phase === 'loading') {
    const { progress } = state;
    return progress && progress.total > 0 && hasBytes(progress.phase) ? Math.min(1, progress.loaded / progress.total) : Number.NaN;
  }
  const total = state.writing?.total ?? expectedTotal(state);
  return total ? Math.min(1, (state.page?.lines.length ?? 0) / total) : Number.NaN;
}

function hasBytes(phase: string): boolean {
  return phase === 'download' || phase === 'verify' || phase === 'pack';
}

function expectedTotal(state: SessionState): number | undefined {
  return state.page && expectedLines(state.page.request);
}

function loadingSentence(state: SessionState): string {
  const words = t();
  const { phase, loaded, total, etaSeconds, fromCache } = state.progress!;
  if (phase !== 'download') return words.phases[phase];
  const [part, whole] = megabytesOf(loaded, total);
  if (fromCache) return words.fromCache(part, whole);
  return words.fetching(part, whole, Number.isFinite(etaSeconds) && etaSeconds > 0 ? duration(etaSeconds) : '');
}

/** The device and the reason for it; empty until a model is open. */
export function deviceSentence(state: SessionState): string {
  const { device } = state;
  if (!device) return '';
  const words = t();
  const done = !isBusy(state);
  if (device.kind === 'webgpu') return words.onGpu(device.name === NAMELESS ? '' : device.name, device.why, done);
  // The engine's sentence says "…, because REASON."; the page has its own beginning for it.
  const reason = /\bbecause (.+?)\.?$/.exec(device.why)?.[1];
  return reason ? words.onCpuBecause(words.reasons[reason] ?? reason, done) : words.onCpu(device.why, done);
}

/** What a download will mean: bytes that travel and bytes that stay, and the licence. */
export function previewSentence({ kept, packs, downloadBytes, keptBytes, license }: ModelPreview): string {
  const words = t();
  if (kept) return words.previewKept(megabytes(keptBytes));
  const meaning = packs
    ? words.askPacked(megabytes(downloadBytes), megabytes(keptBytes))
    : words.askDownload(megabytes(downloadBytes));
  return license ? `${meaning} ${words.previewLicence(license)}` : meaning;
}

/** What the reader is asked before much travels. */
export function questionSentence({ model, preview, metered }: DownloadQuestion): string {
  const words = t();
  const meaning = preview ? previewSentence(preview) : words.askUnknown;
  return [`${model}:`, meaning, metered ? words.metered : ''].filter(Boolean).join(' ');
}
