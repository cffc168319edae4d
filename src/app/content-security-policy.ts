import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';

interface Needs {
  /** Beside the page's own origin. */
  connect?: string;
  /** Names of Trusted Types policies that its scripts make. */
  types: string;
  /** Hashes of its inline scripts. */
  inline?: readonly string[];
}

/** Model files from any hub the reader names. */
const ANY_HUB = 'https: http://localhost:* http://127.0.0.1:*';

/** What a built page may do: its own scripts and styles, WASM, and nothing that was not asked for. */
function policyOf({ connect = '', types, inline = [] }: Needs): string {
  return [
    "default-src 'none'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...inline].join(' '),
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self' ${connect}`.trim(),
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    `trusted-types ${types}`,
  ].join('; ');
}

const CHARSET = '<meta charset="utf-8" />';
const INLINE = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;

/** The page with its policy, and the rule that no address of it is told to others. */
function guarded(html: string, needs: Needs): string {
  const referrer = html.includes('name="referrer"') ? '' : '\n    <meta name="referrer" content="no-referrer" />';
  return html.replace(CHARSET, `$&\n    <meta http-equiv="Content-Security-Policy" content="${policyOf(needs)}" />${referrer}`);
}

function hashes(html: string): string[] {
  return [...html.matchAll(INLINE)].map(([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`);
}

/** The pages for pages of others. The frame takes orders from strangers: it reaches nothing but its own site. */
function needsOfEmbedPage(name: string, html: string): Needs {
  if (name === 'frame.html') return { types: 'lit-html verselet' };
  return { connect: ANY_HUB, types: 'lit-html verselet vue svelte-trusted-html', inline: hashes(html) };
}

/** Writes a policy into every built page; not in development, whose server puts styles and scripts inline. */
export function contentSecurityPolicy(): Plugin {
  let folder = '';
  return {
    name: 'content-security-policy',
    apply: 'build',
    configResolved({ root, build }) {
      folder = join(root, build.outDir, 'embed');
    },
    transformIndexHtml: {
      order: 'post',
      handler: (html, { filename }) =>
        filename.endsWith('/index.html') ? guarded(html, { connect: ANY_HUB, types: 'lit-html default verselet' }) : html,
    },
    /** By now the pages that need no building have been copied. */
    async closeBundle() {
      for (const name of (await readdir(folder)).filter((name) => name.endsWith('.html'))) {
        const html = await readFile(join(folder, name), 'utf8');
        await writeFile(join(folder, name), guarded(html, needsOfEmbedPage(name, html)));
      }
    },
  };
}
