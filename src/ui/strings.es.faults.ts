import type { ErrorCode, ErrorData } from '../errors.ts';

const ERRORS: Record<ErrorCode, string> = {
  'bad-request': 'Algo de lo pedido no se puede usar.',
  'model-not-found': 'No existe ese modelo.',
  'unsupported-model': 'Este modelo no se puede usar aquí.',
  network: 'No se pudo descargar el modelo.',
  'hub-refused': 'El hub no entregó el modelo.',
  integrity: 'El modelo no llegó como se envió.',
  quota: 'No hay bastante espacio en este dispositivo.',
  'storage-blocked': 'El navegador no deja que esta página guarde nada.',
  'no-device': 'El modelo no puede funcionar en este navegador.',
  'device-lost': 'La parte del dispositivo que escribe dejó de responder.',
  'out-of-memory': 'No hay bastante memoria.',
  aborted: 'Parado.',
};

const HINTS: Record<ErrorCode, string> = {
  'bad-request': 'Corrige el campo nombrado e inténtalo de nuevo.',
  'model-not-found': 'Comprueba el nombre y la revisión del modelo, o elige otro.',
  'unsupported-model': 'Elige un modelo GPT-2.',
  network: 'Comprueba la conexión e inténtalo de nuevo; lo que ya llegó se conserva.',
  'hub-refused': 'Inténtalo más tarde, o elige otro modelo u otro hub.',
  integrity: 'El archivo no es el que anunció el hub. Inténtalo de nuevo; no se ha usado nada de él.',
  quota: 'Libera espacio, o borra modelos guardados aquí.',
  'storage-blocked': 'Cierra otras pestañas de esta página, o permite que este sitio guarde datos.',
  'no-device': 'Usa un navegador con WebAssembly SIMD, o permítelo en los ajustes.',
  'device-lost': 'Compón otra vez; si vuelve a ocurrir, elige la CPU.',
  'out-of-memory': 'Cierra otras pestañas, o elige un modelo más pequeño.',
  aborted: 'No hay nada que hacer: se paró como pediste.',
};

/** The engine speaks English: what happened is said by its code, and the engine's own words follow for whoever needs them. */
const faultDetail = ({ code, message, hint }: ErrorData): string => `${HINTS[code]} (En inglés: ${message} ${hint})`;

export const spanishFaults = {
  errors: ERRORS,
  faultDetail,
  fault: (error: ErrorData): string => `${ERRORS[error.code]} ${faultDetail(error)}`,
};
