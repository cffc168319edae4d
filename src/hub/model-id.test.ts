import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { VerseletError } from '../errors.ts';
import { DEFAULT_HUB, isSafePath, parseHub, parseModelSpec } from './model-id.ts';

function refusal(run: () => unknown): VerseletError {
  try {
    run();
  } catch (error) {
    if (error instanceof VerseletError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('parseModelSpec', () => {
  it('reads every kind of model', () => {
    expect(parseModelSpec(undefined)).toEqual({ kind: 'default' });
    expect(parseModelSpec('verse-nano')).toEqual({ kind: 'embedded', id: 'verse-nano' });
    expect(parseModelSpec('Xenova/distilgpt2')).toEqual({ kind: 'hub', id: 'Xenova/distilgpt2' });
    expect(parseModelSpec('a/b@refs/pr/1')).toEqual({ kind: 'hub', id: 'a/b', revision: 'refs/pr/1' });
    expect(parseModelSpec('http://localhost:1/m/x')).toEqual({ kind: 'url', url: 'http://localhost:1/m/x/' });
  });

  it.each([
    '../../etc',
    '/x',
    'a/../b',
    'a\\b',
    'a/b/c',
    '%2e%2e/x',
    'a/%2e%2e',
    '__proto__',
    'x/__proto__',
    '',
    ' ',
    'a b',
    'a/b@',
    'a/b@../x',
    'nano@main',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '//host/x',
    'gpt\u0000',
    'ｇpt2/x',
    'http://',
    'http://u:p@host/m',
    'http://host/m?x=1',
    'http://host/a b',
    'https:\\\\host\\m',
    'x'.repeat(201),
    `http://host/${'x'.repeat(3000)}`,
    '.',
    '..',
    'org/.git',
    42,
    null,
    {},
    [],
  ])('refuses %j and names the field', (value) => {
    const error = refusal(() => parseModelSpec(value));
    expect(error.code).toBe('bad-request');
    expect(error.message).toContain('`model`');
  });

  it('either refuses or gives an id that cannot leave its folder', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('.', '/', 'a', '%', '\\', '@', '_', '-') })),
        (text) => {
          try {
            const spec = parseModelSpec(text);
            if (spec.kind === 'embedded' || spec.kind === 'hub') {
              const url = new URL(`https://host/models/${spec.id}/x`);
              expect(url.pathname).toBe(`/models/${spec.id}/x`);
            }
          } catch (error) {
            expect(error).toBeInstanceOf(VerseletError);
          }
        },
      ),
    );
  });
});

describe('parseHub', () => {
  it('has a default and loses the last slash', () => {
    expect(parseHub(undefined)).toBe(DEFAULT_HUB);
    expect(parseHub('http://127.0.0.1:8080/')).toBe('http://127.0.0.1:8080');
    expect(parseHub('https://host/mirror/')).toBe('https://host/mirror');
  });

  it.each(['huggingface.co', 'ftp://x', 'http://', 'http://a b', 'https://h/?q', 'https://u@h', '', 7, null])(
    'refuses %j and names the field',
    (value) => {
      const error = refusal(() => parseHub(value));
      expect(error.code).toBe('bad-request');
      expect(error.message).toContain('`hub`');
    },
  );
});

describe('isSafePath', () => {
  it('keeps files inside their folder', () => {
    expect(isSafePath('onnx/decoder_model_merged_quantized.onnx')).toBe(true);
    for (const path of [
      '../x',
      'a/../x',
      '/x',
      'a//x',
      'a\\x',
      'a/./x',
      'https://x/y',
      'a?b',
      '',
      '.git/config',
      'a/%2e',
    ]) {
      expect(isSafePath(path), path).toBe(false);
    }
  });
});
