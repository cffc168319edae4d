import type { LoadProgress } from '../worker/client.ts';

/** What `<verselet-poem>` says. Apart from the page's strings, so that the tag stays small. */
export const elementStrings = {
  compose: 'Compose',
  stop: 'Stop',
  opening: 'Opening the model…',
  writing: 'Writing…',
  stopped: 'Stopped.',
  loading: 'Loading the model',
} as const;

const PHASES: Record<LoadProgress['phase'], string> = {
  resolve: 'Finding the model…',
  download: 'Fetching the model',
  verify: 'Checking the model…',
  pack: 'Packing the model',
  load: 'Preparing the model…',
  'self-test': 'Testing the device…',
  ready: 'Ready.',
};

/** e.g. 'Fetching the model: 3.1 of 4.6 MB, 2 s left'. */
export function describeProgress(progress: LoadProgress): string {
  const phrase = PHASES[progress.phase];
  if (progress.phase !== 'download' && progress.phase !== 'pack') return phrase;
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  const left = Number.isFinite(progress.etaSeconds) ? `, ${Math.ceil(progress.etaSeconds)} s left` : '';
  return `${phrase}: ${megabytes(progress.loaded)} of ${megabytes(progress.total)} MB${left}`;
}
