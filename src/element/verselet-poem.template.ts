import { html, nothing } from 'lit';
import type { LineEvent } from '../poetry/types.ts';
import { elementStrings as text } from '../ui/element-strings.ts';
import type { LoadProgress } from '../worker/client.ts';

/** What the element shows. */
interface Shown {
  /** Of the poem. */
  language: string;
  busy: boolean;
  title: string;
  lines: readonly LineEvent[];
  status: string;
  progress: LoadProgress | undefined;
  /** The button: writes, and stops while it writes. */
  press(): void;
}

/** The element's inside; the parts named here are its public face. */
export function template({ language, busy, title, lines, status, progress, press }: Shown): unknown {
  return html`
    <article part="poem" lang=${language} aria-busy=${busy ? 'true' : 'false'}>
      ${title ? html`<h2 part="title">${title}</h2>` : nothing} ${byStanza(lines).map(stanzaTemplate)}
    </article>
    <div part="controls" lang="en">
      <button part="button" type="button" @click=${press}>${busy ? text.stop : text.compose}</button>
      ${progress ? html`<progress part="progress" max=${progress.total || 1} .value=${progress.loaded} aria-label=${text.loading}></progress>` : nothing}
      <span part="status" role="status">${status}</span>
    </div>
  `;
}

function stanzaTemplate(stanza: readonly LineEvent[]): unknown {
  return html`<p part="stanza">${stanza.map((line) => html`<span part="line">${line.text}</span>`)}</p>`;
}

function byStanza(lines: readonly LineEvent[]): LineEvent[][] {
  const stanzas: LineEvent[][] = [];
  for (const line of lines) (stanzas[line.stanza] ??= []).push(line);
  return stanzas.filter(Boolean);
}
