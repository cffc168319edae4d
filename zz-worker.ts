import { openEngine } from './src/engine/open-engine.ts';
import { greedy } from './src/engine/greedy.ts';
import { randomStream } from './src/engine/random.ts';
const get = async (n: string) => (await fetch('/models/verse-nano/' + n)).json();
onmessage = async ({ data: q }) => {
  const log: any[] = [];
  try {
    const format = q.format ?? 'packed';
    const wf = format === 'packed' ? '/models/verse-nano/verselet.safetensors' : format === 'onnx' ? '/zz/' + q.file : '/models/verse-nano/model.safetensors';
    const weights = new Uint8Array(await (await fetch(wf)).arrayBuffer());
    const card = await get('verselet.json');
    const files: any = { info: { bytes: weights.length }, format, weights, config: await get('config.json'), tokenizer: { json: await get('tokenizer.json'), config: await get('tokenizer_config.json') }, card };
    let t = performance.now();
    const m = await openEngine(files, { device: q.device, onProgress: (p) => log.push([p.phase, Math.round(performance.now() - t)]), onLost: (s) => log.push(['lost', s]) });
    log.push(m.device, ['load', Math.round(performance.now() - t)]);
    t = performance.now();
    const n = Number(q.n ?? 8);
    const tokens = await greedy(m, card.selfTest.prompt, n);
    log.push(['greedy', tokens, Math.round(performance.now() - t)], card.selfTest.tokens);
    t = performance.now();
    if (!q.nobatch) {
      const rows = [0, 1, 2, 3].map((i) => ({ control: { next: (s: any) => s.length > 2 + i ? { kind: 'stop' } : { kind: 'sample' } } as any, random: randomStream(1, i), sampling: { temperature: 1, topK: 0, topP: 0.9, minP: 0, repetitionPenalty: 1 }, maxTokens: 8 }));
      log.push(['batch', (await m.decode({ prefix: card.selfTest.prompt, rows })).map((r) => [r.tokens, r.stopped]), Math.round(performance.now() - t)]);
    }
    await m.dispose();
  } catch (e: any) { log.push({ error: e.message, code: e.code, stack: String(e.cause?.stack ?? e.stack).slice(0, 800) }); }
  postMessage(log);
};
