export interface ShippedPackage {
  name: string;
  version: string;
  license: string;
  dependencies: string[];
  text: string;
}
export function shippedPackages(): ShippedPackage[];
export function licencesText(): string;
