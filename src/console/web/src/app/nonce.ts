/** What the service allows this page's styles by; a new one with each page. */
export const nonce: string =
  document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';

/**
 * Gives the page's nonce to every style element that our own code makes. Ant Design passes it on
 * itself in most places, but not where it locks scrolling below a dialog.
 */
export function allowStyles(): void {
  // What is deprecated is one way of calling it, with the names of elements that are gone.
  /* eslint-disable @typescript-eslint/no-deprecated */
  const create = document.createElement.bind(document);
  document.createElement = (name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
  /* eslint-enable @typescript-eslint/no-deprecated */
}
