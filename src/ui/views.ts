export const VIEWS = ['compose', 'collection', 'models', 'about'] as const;
export type View = (typeof VIEWS)[number];

/** The view that an address names; an unknown one is the page one writes on. */
export function viewOf(hash: string): View {
  return VIEWS.find((view) => view === hash.replace(/^#/, '').split(/[/?=]/)[0]) ?? 'compose';
}

const LOADERS: Record<View, () => Promise<unknown>> = {
  compose: () => Promise.resolve(),
  collection: () => import('./collection-view.ts'),
  models: () => import('./models-view.ts'),
  about: () => import('./about-view.ts'),
};

/** Defines the element of a view; the page one writes on is there from the start, the others when they are wanted. */
export async function loadView(view: View): Promise<void> {
  await LOADERS[view]();
}
