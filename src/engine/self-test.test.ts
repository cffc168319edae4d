import { describe, expect, it } from 'vitest';
import { randomWeights } from './random-weights.ts';
import { ReducingBackend } from './logit-reducer.fixture.ts';
import { ReferenceBackend } from './reference-backend.ts';
import { runSelfTest, selfTestOf } from './self-test.ts';
import type { LogitSummary } from './types.ts';

/** A device that computes wrongly: `spoil` changes the logits of each forward. */
class Faulty extends ReferenceBackend {
  readonly #spoil: (logits: Float32Array, rows: number) => void;

  constructor(spoil: (logits: Float32Array, rows: number) => void) {
    super(randomWeights());
    this.#spoil = spoil;
  }

  override async forward(tokens: Int32Array, options?: { all?: boolean }): Promise<Float32Array> {
    const logits = await super.forward(tokens, options);
    this.#spoil(logits, this.rows);
    return logits;
  }
}

async function greedyOf(prompt: number[], count: number): Promise<number[]> {
  const backend = new ReferenceBackend(randomWeights());
  const tokens: number[] = [];
  let logits = await backend.forward(Int32Array.from(prompt));
  while (tokens.length < count) {
    tokens.push(logits.indexOf(Math.max(...logits)));
    logits = await backend.forward(Int32Array.of(tokens.at(-1)!));
  }
  return tokens;
}

describe('runSelfTest', () => {
  const prompt = [5, 9, 2];

  it('passes on a device that computes, and leaves the cache empty', async () => {
    const backend = new ReferenceBackend(randomWeights());
    await runSelfTest(backend, { prompt, tokens: await greedyOf(prompt, 6) });
    expect([backend.rows, backend.length]).toEqual([1, 0]);
    await runSelfTest(backend, selfTestOf(undefined, backend.vocab));
  });

  it.each<[string, (logits: Float32Array, rows: number) => void]>([
    ['not numbers', (logits) => (logits[7] = NaN)],
    ['equal', (logits) => logits.fill(0)],
    ['token 0 is', (logits) => logits.reverse()],
    ['batch', (logits, rows) => rows > 1 && logits.subarray(64).reverse()],
  ])('fails on numbers that are wrong: %s', async (reason, spoil) => {
    const test = { prompt, tokens: await greedyOf(prompt, 2) };
    const fault = expect.objectContaining({ code: 'no-device', message: expect.stringContaining(reason) as string });
    await expect(runSelfTest(new Faulty(spoil), test)).rejects.toThrowError(fault);
  });

  it('asks about logits where the device answers, and fails on an untrue answer', async () => {
    const backend = new ReducingBackend(randomWeights());
    await runSelfTest(backend, { prompt, tokens: [] });
    expect([backend.rows, backend.length]).toEqual([1, 0]);
    const { forward } = backend.reducer;
    const spoils: ((summary: LogitSummary) => void)[] = [
      (summary) => (summary.total += 1),
      ({ best }) => (best!.mass *= 2),
      ({ best }) => best!.ids.reverse(),
      ({ best }) => (best!.logits = best!.logits.map((logit) => logit - 1)),
    ];
    for (const spoil of spoils) {
      backend.reducer.forward = async (tokens, queries) => {
        const summaries = await forward(tokens, queries);
        for (const summary of summaries) spoil(summary);
        return summaries;
      };
      await expect(runSelfTest(backend, { prompt, tokens: [] })).rejects.toMatchObject({ code: 'no-device' });
      await backend.select([0], 0);
    }
  });

  it('takes tokens that are nearly as good', async () => {
    const tokens = await greedyOf(prompt, 1);
    const nudge = (logits: Float32Array): void => {
      for (let row = 0; row < logits.length; row += 64) {
        const top = Math.max(...logits.subarray(row, row + 64));
        logits[row + ((tokens[0]! + 1) % 64)] = top + 0.1;
      }
    };
    await runSelfTest(new Faulty(nudge), { prompt, tokens });
  });
});

describe('selfTestOf', () => {
  it('reads the card, and makes do without', () => {
    expect(selfTestOf({ selfTest: { prompt: [4], tokens: [5, 6] } }, 10)).toEqual({ prompt: [4], tokens: [5, 6] });
    const none = { prompt: [1, 2, 3], tokens: [] };
    const cards = [{ prompt: [99], tokens: [] }, { prompt: [], tokens: [] }].map((selfTest) => ({ selfTest }));
    for (const card of [undefined, null, {}, ...cards]) {
      expect(selfTestOf(card, 10)).toEqual(none);
    }
  });
});
