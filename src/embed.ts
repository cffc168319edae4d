/** `/embed/verselet.js`: the package's entry, with the tag registered, as one script for any page. */

import './element/define.ts';

export * from './index.ts';
export * as poetry from './poetry/lazy.ts';
