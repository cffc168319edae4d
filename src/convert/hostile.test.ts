import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { VerseletError } from '../errors.ts';
import { bytesSource } from './bytes.ts';
import { openCheckpoint } from './checkpoint.ts';
import { parseConfig } from './config.ts';
import { pickle, zip } from './fixtures/hostile.fixture.ts';
import { packCheckpoint } from './pack-checkpoint.ts';
import { readPacked } from './packed.ts';
import { parsePickle } from './pickle.ts';
import { resolveCheckpoint } from './resolve.ts';
import { entrySource, openZip } from './zip.ts';

const FOLDER = 'src/convert/fixtures/';
const unsupported = expect.objectContaining({ code: 'unsupported-model' }) as Error;
const PROTO = [0x80, 2] as const;
const [MARK, TUPLE, REDUCE, STOP, GLOBAL, STACK_GLOBAL, BUILD] = [0x28, 0x74, 0x52, 0x2e, 0x63, 0x93, 0x62];
const text = (value: string) => [0x8c, value.length, value] as const;

const HOSTILE: Record<string, Uint8Array> = {
  'os.system': pickle(...PROTO, GLOBAL, 'os\nsystem\n', MARK, ...text('id'), TUPLE, REDUCE, STOP),
  'os.system by its other name': pickle(...PROTO, ...text('posix'), ...text('system'), STACK_GLOBAL, MARK, ...text('id'), TUPLE, REDUCE, STOP),
  'eval': pickle(...PROTO, GLOBAL, 'builtins\neval\n', MARK, ...text('1'), TUPLE, REDUCE, STOP),
  'a class (INST)': pickle(MARK, ...text('id'), 'i', 'os\nsystem\n', STOP),
  'a class (OBJ)': pickle(MARK, GLOBAL, 'os\nsystem\n', 'o', STOP),
  'a new object (NEWOBJ)': pickle(...PROTO, GLOBAL, 'collections\nOrderedDict\n', 0x29, 0x81, STOP),
  'an extension (EXT1)': pickle(...PROTO, 0x82, 1, STOP),
  'a persistent id in text': pickle('P', 'storage\n', STOP),
  'attributes of an allowed name': pickle(...PROTO, GLOBAL, 'torch\nFloatStorage\n', 0x7d, BUILD, STOP),
  'a call of a storage': pickle(...PROTO, GLOBAL, 'torch\nFloatStorage\n', 0x29, REDUCE, STOP),
  'a call of a text': pickle(...PROTO, ...text('os.system'), 0x29, REDUCE, STOP),
  'a module that only begins like an allowed one': pickle(...PROTO, GLOBAL, 'torch\nFloatStorage.x\n', STOP),
  'a dotted name': pickle(...PROTO, ...text('torch._utils'), ...text('_rebuild_tensor_v2.__globals__'), STACK_GLOBAL, STOP),
  'a text without end': pickle(...PROTO, 0x58, 0xff, 0xff, 0xff, 0xff, STOP),
  'a huge text': pickle(...PROTO, 0x8d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, STOP),
  'a huge number': pickle(...PROTO, 0x8a, 0xff, STOP),
  'a memory that is empty': pickle(...PROTO, 'h', 7, STOP),
  'an empty stack': pickle(...PROTO, STOP),
  'a mark as value': pickle(...PROTO, MARK, STOP),
  'nothing': new Uint8Array(0),
};

/** Each level holds the one before ten times: 10^count values if it were ever unfolded. */
function laughs(count: number): Uint8Array {
  const parts: number[] = [...PROTO, 0x5d, 0x71, 0];
  for (let i = 1; i <= count; i++) parts.push(0x5d, 0x28, ...Array.from({ length: 10 }, () => [0x68, i - 1]).flat(), 0x65, 0x71, i);
  return Uint8Array.from([...parts, STOP]);
}

describe('a hostile pickle', () => {
  test.each(Object.entries(HOSTILE))('with %s is refused', async (_, bytes) => {
    expect(() => parsePickle(bytes)).toThrow(unsupported);
    await expect(openCheckpoint(bytesSource(zip({ 'archive/data.pkl': bytes })))).rejects.toThrow(unsupported);
  });

  test('that repeats itself a googol times is no state dict', async () => {
    await expect(openCheckpoint(bytesSource(zip({ 'archive/data.pkl': laughs(100) })))).rejects.toThrow(unsupported);
  });

  test('that fills the stack or the memory is refused', () => {
    expect(() => parsePickle(new Uint8Array(3_000_000).fill(0x4e))).toThrow(unsupported);
    expect(() => parsePickle(new Uint8Array(40 * 2 ** 20))).toThrow(unsupported);
  });

  test('cut anywhere is refused', async () => {
    const file = bytesSource(new Uint8Array(readFileSync(`${FOLDER}archive.bin`)));
    const entry = (await openZip(file)).get('archive/data.pkl')!;
    const whole = await entrySource(file, entry).read(0, entry.size);
    for (let length = 0; length < whole.length; length++) expect(() => parsePickle(whole.subarray(0, length))).toThrow(unsupported);
    expect(parsePickle(whole).end).toBe(whole.length);
  });
});

describe('an archive', () => {
  test('that is deflated is inflated, and not beyond what it announced', async () => {
    const content = new TextEncoder().encode('nothing '.repeat(1000));
    const packed = new Uint8Array(deflateRawSync(content));
    const file = zip({ 'a/b': packed }, 8);
    const entry = (await openZip(bytesSource(file))).get('a/b')!;
    const open = (size: number) => entrySource(bytesSource(file), { ...entry, size }).read(0, size);
    expect(await open(content.length)).toEqual(content);
    await expect(open(content.length - 1)).rejects.toThrow(unsupported);
    await expect(open(content.length + 1)).rejects.toThrow(unsupported);
  });

  test('whose weights are missing, short, or overlapping is refused', async () => {
    const bytes = new Uint8Array(readFileSync(`${FOLDER}archive.bin`));
    const source = bytesSource(bytes);
    const files: Record<string, Uint8Array> = {};
    for (const entry of (await openZip(source)).values()) files[entry.name] = await entrySource(source, entry).read(0, entry.size);
    expect((await openCheckpoint(bytesSource(zip(files)))).size).toBeGreaterThan(20);
    const { ['archive/data/3']: three, ...rest } = files;
    await expect(openCheckpoint(bytesSource(zip(rest)))).rejects.toThrow(unsupported);
    await expect(openCheckpoint(bytesSource(zip({ ...files, 'archive/data/3': three!.slice(4) })))).rejects.toThrow(unsupported);
    await expect(openCheckpoint(bytesSource(zip({ ...files, 'archive/byteorder': pickle('big') })))).rejects.toThrow(unsupported);
  });
});

describe('a tensor', () => {
  const number = (value: number) => [0x4d, value & 255, value >> 8] as const;
  const tuple = (...parts: (number | string)[]) => [MARK, ...parts, TUPLE];
  /** A state dict of one 2 × 3 tensor over a storage of six floats. */
  const state = (offset: number, shape: number[], strides: number[], key = 'wte.weight') => {
    const storage = [...tuple(...text('storage'), GLOBAL, 'torch\nFloatStorage\n', ...text('0'), ...text('cpu'), ...number(6)), 0x51];
    const facts = [...number(offset), ...tuple(...shape.flatMap(number)), ...tuple(...strides.flatMap(number))];
    const call = [GLOBAL, 'torch._utils\n_rebuild_tensor_v2\n', ...tuple(...storage, ...facts, 0x89, 0x4e), REDUCE];
    return pickle(...PROTO, 0x7d, ...text(key), ...call, 0x73, STOP);
  };
  const open = (bytes: Uint8Array) => openCheckpoint(bytesSource(zip({ 'a/data.pkl': bytes, 'a/data/0': new Uint8Array(24) })));

  test('that is stored row by row is found', async () => {
    const tensor = (await open(state(0, [2, 3], [3, 1]))).get('wte.weight')!;
    expect(tensor).toMatchObject({ dtype: 'F32', shape: [2, 3], offset: 0 });
    expect((await open(state(2, [1, 4], [9, 1]))).get('wte.weight')).toMatchObject({ offset: 8 });
  });

  test.each([
    ['turned around', state(0, [3, 2], [1, 3])],
    ['with gaps', state(0, [2, 2], [3, 1])],
    ['spread', state(0, [2, 3], [0, 1])],
    ['beyond its storage', state(1, [2, 3], [3, 1])],
    ['with other dimensions than strides', state(0, [2, 3], [1])],
  ])('%s is refused', async (_, bytes) => {
    await expect(open(bytes)).rejects.toThrow(unsupported);
  });
});

/** The same numbers in each run. */
function randomStream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Where a file's headers are: everything that is not plain weights. */
async function headerPlaces(file: string, bytes: Uint8Array): Promise<[number, number][]> {
  if (file.endsWith('safetensors')) return [[0, 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))]];
  if (file.startsWith('legacy')) return [[0, 4000]];
  const entries = [...(await openZip(bytesSource(bytes))).values()];
  const last = Math.max(...entries.map(({ offset, size }) => offset + 30 + size));
  const end = bytes.length;
  return [[entries[0]!.offset, entries[1]!.offset], [last, end], [end - 98, end]];
}

describe.each([
  ['tiny.safetensors', 10_000],
  ['archive.bin', 10_000],
  ['legacy.bin', 2000],
] as const)('%s with damaged headers', (file, rounds) => {
  const { config } = JSON.parse(readFileSync(`${FOLDER}${file.split('.')[0]}.json`, 'utf8')) as { config: unknown };

  test(`${rounds} times: a typed error or success`, { timeout: 60_000 }, async () => {
    const bytes = new Uint8Array(readFileSync(FOLDER + file));
    const places = await headerPlaces(file, bytes);
    const next = randomStream(5);
    const outcomes = { fine: 0, refused: 0 };
    for (let round = 0; round < rounds; round++) {
      const [from, to] = places[round % places.length]!;
      const changed = Array.from({ length: 1 + (round % 3) }, () => from + Math.floor(next() * (to - from)));
      const before = changed.map((at) => bytes[at]!);
      for (const at of changed) bytes[at] = next() < 0.3 ? [0, 255, 127, 1][Math.floor(next() * 4)]! : Math.floor(next() * 256);
      try {
        await resolveCheckpoint(await openCheckpoint(bytesSource(bytes)), parseConfig(config));
        outcomes.fine += 1;
      } catch (error) {
        if (!(error instanceof VerseletError) || error.code !== 'unsupported-model') throw error;
        outcomes.refused += 1;
      }
      changed.toReversed().forEach((at, i) => (bytes[at] = before.at(-1 - i)!));
    }
    expect(outcomes.refused).toBeGreaterThan(rounds / 5);
    expect(outcomes.fine).toBeGreaterThan(10);
  });
});

test('a packed file with a damaged header gives a typed error or success', () => {
  const bytes = new Uint8Array(readFileSync('public/models/verse-nano/verselet.safetensors'));
  const end = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const next = randomStream(11);
  let refused = 0;
  for (let round = 0; round < 500; round++) {
    const at = Math.floor(next() * end);
    const before = bytes[at]!;
    bytes[at] = Math.floor(next() * 256);
    try {
      readPacked(bytes);
    } catch (error) {
      if (!(error instanceof VerseletError)) throw error;
      refused += 1;
    }
    bytes[at] = before;
  }
  expect(refused).toBeGreaterThan(100);
});

test('a refused checkpoint gives no tensor at all', async () => {
  const bytes = new Uint8Array(readFileSync(`${FOLDER}tiny.safetensors`));
  const { config } = JSON.parse(readFileSync(`${FOLDER}tiny.json`, 'utf8')) as { config: Record<string, unknown> };
  const tensors = packCheckpoint(bytesSource(bytes.subarray(0, bytes.length - 1)), parseConfig(config));
  await expect(tensors.next()).rejects.toThrow(unsupported);
});
