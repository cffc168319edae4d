import { describe, expect, it } from 'vitest';
import { cleanPunctuation, closeLine, isDangling } from './punctuation.ts';
import { createProsody } from './prosody.ts';
import { oneLine, stripUnseen } from './text-hygiene.ts';
import { acceptTitle, titleFor } from './titles.ts';
import { abuseIn } from './word-filter.ts';

const prosody = createProsody();
const CALLS: Readonly<Record<string, (text: string) => unknown>> = {
  cleanPunctuation,
  closeLine: (text) => closeLine(text, true),
  isDangling,
  titleFor,
  acceptTitle: (text) => acceptTitle(text, [text]),
  syllables: prosody.syllables,
  scan: prosody.scan,
  rhymeOf: (text) => prosody.rhymeOf(text, `${text}x`),
  abuseIn,
  oneLine,
  stripUnseen,
};
const UNITS = [' ', '-', '"', "'", '(', 'a', "a'", 'a-', ',', '. ', '—', ' -', '\n ', '<|', '|>', '" ', ' "a', ':—', '.—'];

describe('hostile text', () => {
  // A rule that backtracks would take minutes on these and run into the test's limit.
  it.each(Object.keys(CALLS))('%s answers on long runs of marks', (name) => {
    for (const unit of UNITS) expect(CALLS[name]!(`${unit.repeat(5000)}x`)).not.toBeNull();
  });
});
