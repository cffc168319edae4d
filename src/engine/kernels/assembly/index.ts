export { quantize } from './activations';
export { byteProduct } from './bytes';
export { forward, serve } from './forward';
export { gelu } from './layers';
export { nibbleProduct } from './nibbles';
export { probe } from './probe';
