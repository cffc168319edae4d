/** Las frases de las vistas Colección y Modelos, en español. */

import type { englishCollection, englishModels } from './strings.views.ts';

export const spanishCollection: typeof englishCollection = {
  search: 'Buscar en la colección',
  sort: 'Orden',
  sorts: { newest: 'los nuevos primero', oldest: 'los viejos primero', title: 'por título', emotion: 'por sentimiento' },
  favouritesOnly: 'solo favoritos',
  favourite: 'favorito',
  makeFavourite: 'hacer favorito',
  untitled: 'Sin título',
  delete: 'borrar',
  deleted: (title) => `«${title}» está borrado.`,
  restored: 'El poema ha vuelto.',
  kept: 'El poema está en la colección, en este dispositivo.',
  emptyCollection: 'Todavía no hay ningún poema guardado.',
  emptyCollectionNext: 'Escribe uno',
  nothingFound: 'Ningún poema guardado tiene esas palabras.',
  exportJson: 'Exportar todo (JSON)',
  exportMarkdown: 'Exportar todo (Markdown)',
  importFile: 'Importar un archivo',
  imported: (fresh, known, bad) =>
    [
      fresh === 1 ? 'Entró un poema.' : `Entraron ${fresh} poemas.`,
      known ? `${known} ya ${known === 1 ? 'estaba' : 'estaban'} aquí.` : '',
      bad ? `${bad} ${bad === 1 ? 'entrada no era un poema' : 'entradas no eran poemas'}.` : '',
    ]
      .filter(Boolean)
      .join(' '),
  unreadable: {
    size: 'Este archivo es demasiado grande para una colección de poemas.',
    json: 'Este archivo no se puede leer. Elige uno exportado aquí como JSON.',
    format: 'En este archivo no hay poemas. Elige uno exportado aquí como JSON.',
    newer: 'Este archivo lo escribió una versión más nueva de la página. Recárgala e inténtalo de nuevo.',
  },
};

export const spanishModels: typeof englishModels = {
  modelsLead:
    'El modelo que viene con esta página es pequeño y domina las formas. También puede escribir cualquier otro GPT-2 del hub: se descarga una vez y se guarda en este dispositivo.',
  listing: 'Mirando qué hay guardado aquí…',
  modelNotes: {
    'verse-small': 'Un GPT-2 pequeño, entrenado para esta página con poemas de dominio público; conoce sentimientos, formas y rimas.',
    'verse-nano': 'El primer modelo de esta página y el más pequeño: guarda todas las formas, y sus ideas divagan.',
    'Xenova/distilgpt2': 'Un modelo general, la mitad de GPT-2: prosa fluida, y poeta solo porque se le sujeta la forma.',
    'Xenova/gpt2': 'El GPT-2 pequeño original: más palabras y más sorpresas, más lento que los otros.',
    'ismaelfaro/gpt2-poems.en': 'Un GPT-2 que leyó poemas en inglés: más cerca del verso que los generales; la forma se le sujeta.',
    'fabianmmueller/deep-haiku-gpt-2': 'Un GPT-2 que leyó haikus y poco más: versos cortos, imágenes quietas.',
    autocompose: 'Los nueve modelos de AutoCompose, uno por sentimiento; cada uno se descarga cuando se elige el suyo. No declaran licencia.',
  },
  fetchedAndKept: (size, kept) => `${size} que descargar, ${kept} que se quedan`,
  setSize: (size) => `${size} cada uno`,
  revision: (revision) => `revisión ${revision}`,
  lastUsed: (date) => `usado por última vez el ${date}`,
  source: 'De',
  chosen: 'escribe ahora',
  useModel: 'Escribir con él',
  downloadModel: 'Descargar',
  askDownload: (size) => `Esto descarga ${size} una vez y los guarda en este dispositivo.`,
  askPacked: (size, kept) =>
    `Esto descarga ${size} una vez, empaqueta aquí el modelo en cuatro bits y guarda ${kept} en este dispositivo.`,
  askUnknown: 'No se sabe de antemano cuánto descarga esto.',
  previewKept: (size) => `Está guardado en este dispositivo (${size}); no se descargará nada.`,
  previewLicence: (license) => `Licencia: ${license}.`,
  inspecting: 'Preguntando al hub por él…',
  metered: 'Parece que tu conexión se paga por datos.',
  fetchNow: 'Descargarlo',
  notNow: 'Ahora no',
  pause: 'Pausar',
  resume: 'Seguir',
  cancel: 'Cancelar',
  paused: (loaded, total) => (total ? `En pausa con ${loaded} de ${total}; lo que llegó se queda.` : 'En pausa.'),
  deletedModel: (id) => `${id} está borrado de este dispositivo. Los poemas no se tocan nunca.`,
  roomHeading: 'Espacio en este dispositivo',
  room: (used, quota) => `Esta página usa unos ${used}; el navegador le daría hasta unos ${quota}.`,
  roomUnknown: 'Este navegador no dice cuánto espacio hay.',
  persistent: 'El navegador ha prometido no borrar por su cuenta lo guardado aquí.',
  notPersistent:
    'Cuando al dispositivo le falte espacio, el navegador puede borrar por su cuenta poemas y modelos. Se le puede pedir que no lo haga.',
  askPersistent: 'Pedir al navegador que lo conserve todo',
  persistenceRefused: 'El navegador no lo prometió. Exporta la colección de vez en cuando.',
};
