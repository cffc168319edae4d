import { describe, expect, it } from 'vitest';
import { FORMS } from './forms.ts';
import { layoutOf } from './layout.ts';
import { parseRequest } from './request.ts';
import { FORM_NAMES, type PoemRequest } from './types.ts';

const layout = (request: PoemRequest) => layoutOf(parseRequest(request, () => 1));
const syllables = (request: PoemRequest) => layout(request).slots.map((slot) => slot.syllables);

describe('layoutOf', () => {
  it.each<[PoemRequest, string, number[]]>([
    [{ form: 'free' }, '--------', [4, 4]],
    [{ form: 'free', lines: 6 }, '------', [4, 2]],
    [{ form: 'couplets', lines: 6 }, 'aabbcc', [2, 2, 2]],
    [{ form: 'quatrains' }, 'ababcdcd', [4, 4]],
    [{ form: 'quatrains', scheme: 'AABB' }, 'aabbccdd', [4, 4]],
    [{ form: 'quatrains', scheme: 'ABBA', lines: 4 }, 'abba', [4]],
    [{ form: 'quatrains', scheme: 'ABCB' }, '-a-a-b-b', [4, 4]],
    [{ form: 'ballad' }, '-a-a-b-b', [4, 4]],
    [{ form: 'limerick' }, 'aabba', [5]],
    [{ form: 'haiku' }, '---', [3]],
    [{ form: 'tanka' }, '-----', [5]],
    [{ form: 'cinquain' }, '-----', [5]],
    [{ form: 'triolet' }, 'abaaabab', [8]],
    [{ form: 'sonnet' }, 'ababcdcdefefgg', [4, 4, 4, 2]],
    [{ form: 'petrarchan' }, 'abbaabbacdecde', [8, 6]],
    [{ form: 'villanelle' }, 'abaabaabaabaabaabaa', [3, 3, 3, 3, 3, 4]],
  ])('%j', (request, scheme, stanzas) => {
    expect(layout(request)).toMatchObject({ scheme, stanzas });
  });

  it.each<[PoemRequest, (number | undefined)[]]>([
    [{ form: 'haiku' }, [5, 7, 5]],
    [{ form: 'tanka' }, [5, 7, 5, 7, 7]],
    [{ form: 'cinquain' }, [2, 4, 6, 8, 2]],
    [{ form: 'limerick' }, [9, 9, 6, 6, 9]],
    [{ form: 'ballad', lines: 4 }, [8, 6, 8, 6]],
    [{ form: 'couplets', lines: 2 }, [8, 8]],
    [{ lines: 1 }, [undefined]],
  ])('counts the syllables of %j', (request, counts) => {
    expect(syllables(request)).toEqual(counts);
  });

  it('repeats the refrains of a villanelle and a triolet where they belong', () => {
    const repeats = (form: 'villanelle' | 'triolet') =>
      layout({ form }).slots.flatMap((slot) => (slot.refrainOf === undefined ? [] : [[slot.index, slot.refrainOf]]));
    expect(repeats('villanelle')).toEqual([[5, 0], [8, 2], [11, 0], [14, 2], [17, 0], [18, 2]]);
    expect(repeats('triolet')).toEqual([[3, 0], [6, 0], [7, 1]]);
  });

  it('locks kept lines and the first line, and a refrain with each of its lines', () => {
    const keep = [null, 'Kept', null, null];
    expect(layout({ keep, firstLine: 'First' }).slots.map((slot) => slot.locked)).toEqual([
      'First',
      'Kept',
      undefined,
      undefined,
    ]);
    const locked = layout({ form: 'triolet', keep: [null, null, null, 'Again', null, null, 'Other'] }).slots;
    expect(locked.map((slot) => slot.locked)).toEqual(['Again', undefined, undefined, 'Again', undefined, undefined, 'Other', undefined]);
    expect(locked.map((slot) => slot.refrainOf)).toEqual([...Array(3).fill(undefined), 0, ...Array(3).fill(undefined), 1]);
  });

  it('sets one emotion a stanza, or spreads a longer arc over the lines', () => {
    const emotions = (request: PoemRequest) => layout(request).slots.map((slot) => slot.emotion);
    expect(emotions({ form: 'couplets', lines: 6, arc: ['joy', 'fear'] })).toEqual(['joy', 'joy', 'fear', 'fear', 'fear', 'fear']);
    expect(emotions({ form: 'haiku', arc: ['joy', 'fear', 'trust'] })).toEqual(['joy', 'fear', 'trust']);
  });

  it('gives the acrostic a letter a line', () => {
    const letters = layout({ acrostic: 'Élan' }).slots.map((slot) => slot.acrostic);
    expect(letters).toEqual(['E', 'L', 'A', 'N']);
  });

  it('leaves the length open for the preset only', () => {
    expect(layout({ preset: 'autocompose' }).open).toBe(true);
    expect(layout({}).open).toBe(false);
  });
});

describe('the table of forms', () => {
  it.each(FORM_NAMES)('%s: stanzas, scheme and syllables agree', (name) => {
    const row = FORMS[name];
    const sum = row.stanzas.reduce((total, lines) => total + lines, 0);
    if (row.length) expect(row.length.default % row.length.step).toBe(0);
    else expect(row.scheme).toHaveLength(sum);
    if (row.syllables) expect(sum % row.syllables.length).toBe(0);
    expect(layout({ form: name }).slots.map((slot) => slot.index)).toEqual([...layout({ form: name }).slots.keys()]);
  });
});
