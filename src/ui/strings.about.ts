/** The sentences of the About view, in English. */
export const englishAbout = {
  sections: [
    {
      heading: 'What this is',
      paragraphs: [
        'A page of a poetry book that writes itself. You choose a feeling, perhaps a form and a subject; a small language model writes an original English poem, line by line, and gives it a title.',
        'A machine wrote every poem you see here, unless you changed it. It does not feel what it says, and it does not know whether it is true.',
      ],
    },
    {
      heading: 'What leaves your device',
      paragraphs: [
        'Nothing you write and nothing that is written for you. The model runs in your browser, on your graphics card where there is one, else on the processor. There is no account, no counter and no cookie.',
        'The only requests go out for the page itself and for the files of a model. The default model comes with the page; others come from the hub you name, each file is compared with the hub’s checksum, and all of them can be deleted under Models.',
      ],
    },
    {
      heading: 'How a poem is made',
      paragraphs: [
        'For each line the model first settles the number of syllables and the last word, so that metre and rhyme are kept where the form asks for them; then it writes several drafts of the line up to that word, and the best one stays. Stray punctuation is mended, words are never touched, and a line with an insult in it is written again.',
        'The same request, seed, model and kind of device give the same poem, letter for letter. “How was this made?” under each poem shows what was asked for and what holds.',
      ],
    },
    {
      heading: 'The model',
      paragraphs: [
        'verse-small is a GPT-2 with six million weights, trained for this page on poems in the public domain. It is good at form and tone, and weak at telling a story or keeping a thought for long. It repeats old opinions of old books now and then. Its card lies beside its files, under models/verse-small.',
      ],
    },
  ],
  licencesHeading: 'Licences',
  licences: [
    'Verselet: Apache-2.0',
    'verse-small and verse-nano: Apache-2.0, trained on texts in the public domain',
    'Newsreader, the typeface: SIL Open Font License 1.1',
    'Lit: BSD-3-Clause; idb-keyval: Apache-2.0; ONNX Runtime Web: MIT; tokenizers: Apache-2.0',
    'CMU Pronouncing Dictionary: BSD-2-Clause',
    'Models from the hub: each its own, shown under Models before it is fetched',
  ],
  allLicences: 'All licence texts in full',
  settingsHeading: 'Settings',
  language: 'Language of the page',
  languages: { auto: 'as the browser', en: 'English', es: 'Español' } as Record<string, string>,
  appearance: 'Paper',
  appearances: { auto: 'as the device', light: 'light', dark: 'dark' } as Record<string, string>,
  install: 'Install Verselet on this device',
};
