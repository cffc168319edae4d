export { denseProduct, denseRow } from './dense';
export { layerNorm, append, attend } from './layers';
