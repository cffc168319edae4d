/** The sentences of the Collection and Models views, in English. */

export const englishCollection = {
  search: 'Search the collection',
  sort: 'Order',
  sorts: { newest: 'newest first', oldest: 'oldest first', title: 'by title', emotion: 'by feeling' },
  favouritesOnly: 'favourites only',
  favourite: 'favourite',
  makeFavourite: 'make favourite',
  untitled: 'Untitled',
  delete: 'delete',
  deleted: (title: string) => `“${title}” is deleted.`,
  restored: 'The poem is back.',
  kept: 'The poem is in the collection, on this device.',
  emptyCollection: 'No poem is kept yet.',
  emptyCollectionNext: 'Write one',
  nothingFound: 'No kept poem has these words.',
  exportJson: 'Export all (JSON)',
  exportMarkdown: 'Export all (Markdown)',
  importFile: 'Import a file',
  imported: (fresh: number, known: number, bad: number) =>
    [
      fresh === 1 ? 'One poem came in.' : `${fresh} poems came in.`,
      known ? `${known} ${known === 1 ? 'was' : 'were'} here already.` : '',
      bad ? `${bad} ${bad === 1 ? 'entry was' : 'entries were'} no poem.` : '',
    ]
      .filter(Boolean)
      .join(' '),
  unreadable: {
    size: 'This file is too large for a collection of poems.',
    json: 'This file cannot be read. Choose one that was exported here as JSON.',
    format: 'There are no poems in this file. Choose one that was exported here as JSON.',
    newer: 'This file was written by a newer version of this page. Reload the page and try again.',
  },
};

export const englishModels = {
  modelsLead:
    'The model that ships with this page is small and at home in forms. Any other GPT-2 of the hub can write too: it is fetched once and kept on this device.',
  listing: 'Looking what is kept here…',
  modelNotes: {
    'verse-small': 'A small GPT-2 trained for this page on poems in the public domain; it knows feelings, forms and rhyme.',
    'verse-nano': 'The first and smallest model of this page: it keeps every form, and wanders in its thoughts.',
    'Xenova/distilgpt2': 'A general model, half of GPT-2: fluent prose, and a poet only because the form is held for it.',
    'Xenova/gpt2': 'The original small GPT-2: more words and more surprises, slower than the others.',
    'ismaelfaro/gpt2-poems.en': 'A GPT-2 that read English poems: closer to verse than the general ones; its form is held for it.',
    'fabianmmueller/deep-haiku-gpt-2': 'A GPT-2 that read haiku and little else: short lines, still pictures.',
    autocompose: 'The nine models of AutoCompose, one for each feeling; each is fetched when its feeling is chosen. They state no licence.',
  } as Record<string, string>,
  fetchedAndKept: (size: string, kept: string) => `${size} to fetch, ${kept} kept`,
  setSize: (size: string) => `${size} each`,
  revision: (revision: string) => `revision ${revision}`,
  lastUsed: (date: string) => `last used ${date}`,
  source: 'From',
  chosen: 'writes now',
  useModel: 'Write with it',
  downloadModel: 'Download',
  askDownload: (size: string) => `This fetches ${size} once and keeps it on this device.`,
  askPacked: (size: string, kept: string) =>
    `This fetches ${size} once, packs the model into four bits here, and keeps ${kept} on this device.`,
  askUnknown: 'How much this fetches is not known before.',
  previewKept: (size: string) => `It is kept on this device (${size}); nothing will be fetched.`,
  previewLicence: (license: string) => `Licence: ${license}.`,
  inspecting: 'Asking the hub about it…',
  metered: 'Your connection seems to be paid by the byte.',
  fetchNow: 'Fetch it',
  notNow: 'Not now',
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  paused: (loaded: string, total: string) => (total ? `Paused at ${loaded} of ${total}; what has come is kept.` : 'Paused.'),
  deletedModel: (id: string) => `${id} is deleted from this device. Poems are never touched.`,
  roomHeading: 'Room on this device',
  room: (used: string, quota: string) => `This page uses about ${used}; the browser would give it up to about ${quota}.`,
  roomUnknown: 'This browser does not tell how much room there is.',
  persistent: 'The browser has promised not to clear what is kept here by itself.',
  notPersistent:
    'When the device runs short of room, the browser may clear poems and models by itself. It can be asked not to.',
  askPersistent: 'Ask the browser to keep everything',
  persistenceRefused: 'The browser did not promise it. Export the collection now and then.',
};
