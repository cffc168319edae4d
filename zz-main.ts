const q = new URLSearchParams(location.search);
const w = new Worker(new URL('./zz-worker.ts', import.meta.url), { type: 'module' });
w.onmessage = (e) => { (globalThis as any).result = e.data; };
w.onerror = (e) => { (globalThis as any).result = { error: 'worker ' + e.message }; };
w.postMessage(Object.fromEntries(q));
