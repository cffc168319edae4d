export { quantize } from './activations';
export { byteProduct, byteRow } from './bytes';
export { denseProduct, denseRow } from './dense';
export { append, attend, gelu, layerNorm } from './layers';
export { nibbleProduct, nibbleRow } from './nibbles';
