import { VerseletError } from '../errors.ts';

export const CARD_SHAPES = { wide: [1200, 630], square: [1080, 1080] } as const;
export type CardShape = keyof typeof CARD_SHAPES;

export interface CardContent {
  title: string;
  stanzas: readonly (readonly string[])[];
  /** Degrees of oklch hue, and the factor on every chroma. */
  tint: { hue: number; chroma: number };
  face: string;
}

interface Layout {
  size: number;
  lines: string[];
}

const LEADING = 1.5;
const SIZES = [44, 40, 36, 32, 28, 25, 22, 20];

/** Lines of a part of the poem, with an empty one between stanzas. */
function flat(stanzas: readonly (readonly string[])[]): string[] {
  return stanzas.flatMap((stanza, index) => (index ? ['', ...stanza] : [...stanza]));
}

/**
 * The largest type in which the poem fits the box; where it fits in none, its first stanza does the same, and at last the
 * smallest type with what there is room for.
 */
export function fitLines(
  stanzas: readonly (readonly string[])[],
  box: { width: number; height: number },
  widthOf: (line: string, size: number) => number,
): Layout {
  for (const lines of [flat(stanzas), flat(stanzas.slice(0, 1))]) {
    for (const size of SIZES) {
      if (lines.length * size * LEADING <= box.height && lines.every((line) => widthOf(line, size) <= box.width)) {
        return { size, lines };
      }
    }
  }
  const size = SIZES.at(-1)!;
  return { size, lines: flat(stanzas).slice(0, Math.floor(box.height / (size * LEADING))) };
}

function draw(context: CanvasRenderingContext2D, width: number, height: number, content: CardContent): void {
  const { hue, chroma } = content.tint;
  const margin = Math.round(Math.min(width, height) * 0.12);
  const titleSize = 46;
  const font = (size: number, style = '') => `${style} ${size}px ${content.face}`;
  context.fillStyle = `oklch(0.972 ${0.016 * chroma} ${hue})`;
  context.fillRect(0, 0, width, height);
  const box = { width: width - 2 * margin, height: height - 2 * margin - titleSize * 1.9 };
  const widthOf = (line: string, size: number) => {
    context.font = font(size);
    return context.measureText(line).width;
  };
  const { size, lines } = fitLines(content.stanzas, box, widthOf);
  const left = Math.max(margin, Math.round((width - Math.max(...lines.map((line) => widthOf(line, size)))) / 2));
  let y = Math.round((height - (lines.length * size * LEADING + titleSize * 1.7)) / 2) + titleSize;
  context.textBaseline = 'alphabetic';
  context.fillStyle = `oklch(0.4 ${0.12 * chroma} ${hue})`;
  context.font = font(titleSize, 'italic');
  context.fillText(content.title, left, y, width - left - margin / 2);
  y += titleSize * 0.7 + size * LEADING;
  context.fillStyle = `oklch(0.235 ${0.03 * chroma} ${hue})`;
  context.font = font(size);
  for (const line of lines) {
    context.fillText(line, left, y, width - left - margin / 4);
    y += size * LEADING;
  }
  context.fillStyle = `oklch(0.62 ${0.12 * chroma} ${hue})`;
  context.beginPath();
  context.arc(width - margin * 0.55, height - margin * 0.55, 9, 0, 2 * Math.PI);
  context.fill();
}

/**
 * The poem as a PNG on its own paper, in its own hue, in the page's face.
 * @throws VerseletError `out-of-memory` when the browser gives no canvas or no picture.
 */
export async function drawCard(shape: CardShape, content: CardContent): Promise<Blob> {
  const [width, height] = CARD_SHAPES[shape];
  await Promise.all([document.fonts.load(`24px ${content.face}`), document.fonts.load(`italic 24px ${content.face}`)]);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context) draw(context, width, height, content);
  const blob = context && (await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png')));
  if (!blob) throw new VerseletError('out-of-memory', 'The picture could not be drawn.', { hint: 'Copy the text instead.' });
  return blob;
}
