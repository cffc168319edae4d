interface TrustedTypePolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown;
}

/**
 * Under the page's policy a script's address must be vouched for; this vouches for workers of the page's own origin and
 * for nothing else.
 */
export function trustOwnWorkers(): void {
  const factory = (globalThis as { trustedTypes?: TrustedTypePolicyFactory }).trustedTypes;
  factory?.createPolicy('default', {
    createScriptURL(url) {
      if (new URL(url, document.baseURI).origin === location.origin) return url;
      throw new TypeError(`A script of another origin was refused: ${url}`);
    },
  });
}
