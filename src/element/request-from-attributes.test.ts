import { describe, expect, it } from 'vitest';
import { requestFromAttributes } from './request-from-attributes.ts';

const NONE = { emotion: null, form: null, theme: null, titleText: null, firstLine: null, seed: null, lines: null };

describe('requestFromAttributes', () => {
  it('asks for nothing where nothing is set', () => {
    expect(requestFromAttributes(NONE)).toEqual({});
    expect(requestFromAttributes({ ...NONE, theme: '' })).toEqual({});
  });

  it('takes nothing else that an element carries', () => {
    const element = { ...NONE, emotion: 'joy', isUpdatePending: true, renderRoot: {} };
    expect(requestFromAttributes(element)).toEqual({ emotion: 'joy' });
  });

  it('reads numbers, and leaves what is none for the parser to name', () => {
    expect(requestFromAttributes({ ...NONE, seed: '7', lines: '-1', titleText: 'Sea' })).toEqual({ seed: 7, lines: '-1', title: 'Sea' });
  });

  it('takes the properties that frameworks set: numbers, and undefined for what is unset', () => {
    expect(requestFromAttributes({ ...NONE, seed: 0, lines: 4, emotion: undefined })).toEqual({ seed: 0, lines: 4 });
  });
});
