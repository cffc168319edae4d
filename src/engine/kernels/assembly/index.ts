export { quantize } from './activations';
export { byteProduct, byteRow } from './bytes';
export { denseProduct, denseRow } from './dense';
export { layerNorm, append, attend } from './layers';
export { nibbleProduct, nibbleRow } from './nibbles';
