import { describe, expect, it } from 'vitest';
import type { LoadProgress } from '../hub/types.ts';
import { greedy } from './greedy.ts';
import { openEngine } from './open-engine.ts';
import { verseNano } from './verse-nano.fixture.ts';

describe('openEngine', () => {
  it('opens the embedded model on the CPU and passes its self-test', async () => {
    const files = verseNano();
    const phases: LoadProgress['phase'][] = [];
    const model = await openEngine(files, { onProgress: ({ phase }) => phases.push(phase) });
    expect(phases).toEqual(['load', 'self-test', 'ready']);
    expect(model.device).toMatchObject({ kind: 'wasm', name: 'CPU', threads: 1 });
    expect(model.device.why).toMatch(/^The CPU computes, because .+\.$/);
    const { prompt, tokens } = files.card.selfTest;
    expect(await greedy(model, prompt, tokens.length)).toEqual(tokens);
    const start = model.tokensDecoded;
    expect(start).toBe(tokens.length);
    await model.dispose();
    await expect(model.logits(prompt)).rejects.toMatchObject({ code: 'aborted' });
  });

  it('opens the source precision', async () => {
    const model = await openEngine(verseNano('checkpoint'), { device: 'wasm' });
    expect(model.vocab).toBe(4096);
    expect(model.context).toBe(384);
    const text = model.tokenizer.decode(await greedy(model, verseNano().card.selfTest.prompt, 20));
    expect(text).toMatch(/[a-z]/);
  });

  it('fails the self-test where the numbers are not those of the card', async () => {
    const files = verseNano();
    const [first, ...others] = files.card.selfTest.tokens;
    files.card = { selfTest: { ...files.card.selfTest, tokens: [first! + 1, ...others] } };
    await expect(openEngine(files)).rejects.toMatchObject({ code: 'no-device', message: /computes wrongly/ });
  });

  it('says what cannot be opened', async () => {
    await expect(openEngine(verseNano(), { device: 'webgpu' })).rejects.toMatchObject({ code: 'no-device' });
    const noTokenizer = { ...verseNano(), tokenizer: { json: {}, config: {} } };
    await expect(openEngine(noTokenizer)).rejects.toMatchObject({ code: 'unsupported-model' });
    const signal = AbortSignal.abort();
    await expect(openEngine(verseNano(), { signal })).rejects.toMatchObject({ code: 'aborted' });
    const cut = verseNano();
    cut.weights = cut.weights.slice(0, 1000);
    await expect(openEngine(cut)).rejects.toMatchObject({ code: /unsupported-model|integrity/ });
  });
});
