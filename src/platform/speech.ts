/** Whether the browser can read aloud. */
export function canSpeak(): boolean {
  return typeof speechSynthesis !== 'undefined' && typeof SpeechSynthesisUtterance !== 'undefined';
}

/**
 * Reads lines aloud, one utterance a line: long utterances are cut off by some browsers, and so each line can be shown
 * as it is read.
 * @param onLine called with the index of each line as it begins, and with -1 at the end, also after a failure.
 * @returns the function that stops the reading.
 */
export function readAloud(lines: readonly string[], onLine: (index: number) => void): () => void {
  let stopped = false;
  const finish = () => {
    if (stopped) return;
    stopped = true;
    onLine(-1);
  };
  const speak = (index: number) => {
    if (stopped) return;
    const line = lines[index];
    if (line === undefined) {
      finish();
      return;
    }
    const utterance = new SpeechSynthesisUtterance(line);
    utterance.lang = 'en';
    utterance.rate = 0.9;
    utterance.addEventListener('start', () => onLine(index));
    utterance.addEventListener('end', () => speak(index + 1));
    utterance.addEventListener('error', finish);
    speechSynthesis.speak(utterance);
  };
  speechSynthesis.cancel();
  speak(0);
  return () => {
    finish();
    speechSynthesis.cancel();
  };
}
