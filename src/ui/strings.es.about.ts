/** Las frases de la vista Acerca de, en español. */

import type { englishAbout } from './strings.about.ts';

export const spanishAbout: typeof englishAbout = {
  sections: [
    {
      heading: 'Qué es esto',
      paragraphs: [
        'Una página de un libro de poesía que se escribe sola. Eliges un sentimiento, quizá una forma y un tema; un pequeño modelo de lenguaje escribe, verso a verso, un poema original en inglés y le pone título.',
        'Todos los poemas que ves aquí los escribió una máquina, salvo lo que hayas cambiado tú. No siente lo que dice ni sabe si es verdad.',
      ],
    },
    {
      heading: 'Qué sale de tu dispositivo',
      paragraphs: [
        'Nada de lo que escribes ni de lo que se escribe para ti. El modelo funciona en tu navegador, en la tarjeta gráfica si la hay y, si no, en el procesador. No hay cuenta, ni contador, ni cookies.',
        'Solo se piden la propia página y los archivos de un modelo. El modelo normal viene con la página; los demás vienen del hub que indiques, cada archivo se compara con la suma de comprobación del hub, y todos se pueden borrar en Modelos.',
      ],
    },
    {
      heading: 'Cómo se hace un poema',
      paragraphs: [
        'Para cada verso el modelo decide primero cuántas sílabas tendrá y con qué palabra acabará, y así se cumplen metro y rima donde la forma los pide; luego escribe varios borradores del verso hasta esa palabra y se queda el mejor. La puntuación suelta se arregla, las palabras no se tocan nunca, y un verso con un insulto se escribe otra vez.',
        'La misma petición, semilla, modelo y tipo de dispositivo dan el mismo poema, letra por letra. «¿Cómo se hizo?», bajo cada poema, muestra qué se pidió y qué se cumple.',
      ],
    },
    {
      heading: 'El modelo',
      paragraphs: [
        'verse-small es un GPT-2 de seis millones de pesos, entrenado para esta página con poemas de dominio público. Es bueno en forma y tono, y flojo para contar una historia o sostener mucho tiempo una idea. A veces repite viejas opiniones de viejos libros. Su ficha está junto a sus archivos, en models/verse-small.',
      ],
    },
  ],
  licencesHeading: 'Licencias',
  licences: [
    'Verselet: Apache-2.0',
    'verse-small y verse-nano: Apache-2.0, entrenado con textos de dominio público',
    'Newsreader, la letra: SIL Open Font License 1.1',
    'Lit: BSD-3-Clause; idb-keyval: Apache-2.0; ONNX Runtime Web: MIT; tokenizers: Apache-2.0',
    'Diccionario de pronunciación CMU: BSD-2-Clause',
    'Modelos del hub: cada uno la suya, que se muestra en Modelos antes de descargarlo',
  ],
  allLicences: 'Todas las licencias, con su texto completo',
  settingsHeading: 'Ajustes',
  language: 'Idioma de la página',
  languages: { auto: 'el del navegador', en: 'English', es: 'Español' },
  appearance: 'Papel',
  appearances: { auto: 'como el dispositivo', light: 'claro', dark: 'oscuro' },
  install: 'Instalar Verselet en este dispositivo',
};
