// npm start: installs, builds, serves, prints the address.
import { installPackages, run } from './setup.mjs';
import { serve } from './serve.mjs';

installPackages();
if (!run('npm', ['run', '--silent', 'build'])) process.exit(1);
const port = Number(process.env.PORT ?? 4173);
const { url } = await serve('dist', { port }).catch((error) => {
  if (error.code !== 'EADDRINUSE') throw error;
  return serve('dist', { port: 0 });
});
console.log(`\nVerselet is at ${url}\n`);
