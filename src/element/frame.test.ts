import { describe, expect, it } from 'vitest';
import { allowedOrigins, isFrameRequest } from './frame.ts';

describe('allowedOrigins', () => {
  it('hears only the named origins', () => {
    const allowed = allowedOrigins('?origin=https://a.example,http://b.example:81/path');
    expect(['https://a.example', 'http://b.example:81', 'https://b.example', 'null'].map(allowed)).toEqual([true, true, false, false]);
  });

  it('hears nobody without the parameter, and anybody with a star', () => {
    expect(allowedOrigins('')('https://a.example')).toBe(false);
    expect(allowedOrigins('?origin=*')('https://a.example')).toBe(true);
  });
});

describe('isFrameRequest', () => {
  it('takes the two methods and nothing else', () => {
    expect(isFrameRequest({ verselet: 1, id: 1, method: 'compose', request: {} })).toBe(true);
    expect(isFrameRequest({ verselet: 1, id: 'x', method: 'stop' })).toBe(true);
    for (const message of [null, 'compose', { verselet: 2, id: 1, method: 'compose' }, { verselet: 1, method: 'stop' }, { verselet: 1, id: {}, method: 'stop' }, { verselet: 1, id: 1, method: 'open' }]) {
      expect(isFrameRequest(message)).toBe(false);
    }
  });
});
