import { afterEach, describe, expect, it, vi } from 'vitest';
import { copyText } from './clipboard.ts';
import { share } from './share.ts';
import { canSpeak, readAloud } from './speech.ts';
import { askPersistence, estimateRoom, isPersistent } from './storage.ts';

const refuse = () => Promise.reject(new DOMException('no', 'NotAllowedError'));

afterEach(() => vi.unstubAllGlobals());

describe('fault: the browser refuses', () => {
  it('to tell or promise storage: the page says less, and nothing throws', async () => {
    for (const storage of [undefined, {}, { estimate: refuse, persisted: refuse, persist: refuse }, { estimate: async () => ({}), persisted: async () => false, persist: async () => false }]) {
      vi.stubGlobal('navigator', { storage });
      expect([await estimateRoom(), await isPersistent(), await askPersistence()]).toEqual([undefined, false, false]);
    }
  });

  it('to share: that is an answer, and a closed sheet is another', async () => {
    vi.stubGlobal('navigator', {});
    expect(await share({ title: '', text: '' })).toBe('unsupported');
    vi.stubGlobal('navigator', { share: refuse });
    expect(await share({ title: '', text: '' })).toBe('unsupported');
    vi.stubGlobal('navigator', { share: () => Promise.reject(new DOMException('closed', 'AbortError')) });
    expect(await share({ title: '', text: '' })).toBe('cancelled');
  });

  it('the clipboard, both ways of reaching it', async () => {
    const area = { select: vi.fn(), remove: vi.fn() };
    vi.stubGlobal('HTMLElement', Object);
    vi.stubGlobal('document', { createElement: () => area, body: { append: vi.fn() }, activeElement: null, execCommand: () => { throw new Error('no'); } });
    for (const clipboard of [undefined, { writeText: refuse }]) {
      vi.stubGlobal('navigator', { clipboard });
      expect(await copyText('a poem')).toBe(false);
    }
    expect(area.remove).toHaveBeenCalledTimes(2);
  });

  it('to speak: the reading ends and says so, once', () => {
    expect(canSpeak()).toBe(false);
    const spoken: EventTarget[] = [];
    vi.stubGlobal('SpeechSynthesisUtterance', class extends EventTarget {});
    vi.stubGlobal('speechSynthesis', { cancel: vi.fn(), speak: (utterance: EventTarget) => spoken.push(utterance) });
    const told: number[] = [];
    const stop = readAloud(['one', 'two'], (index) => told.push(index));
    spoken[0]!.dispatchEvent(new Event('error'));
    stop();
    expect(told).toEqual([-1]);
  });
});
