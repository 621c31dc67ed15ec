/**
 * What is wrong with this Node.js, in words; undefined when it will do.
 *
 * @param wanted `engines.node` of package.json, always of the form `>=22.18`.
 * @param version As `process.versions.node` has it: `24.11.0`.
 */
export function checkNode(wanted: string, version: string): string | undefined {
  const least = numbersOf(wanted.replace('>=', ''));
  const given = numbersOf(version);
  const differs = least.findIndex((number, index) => number !== given[index]);
  if (differs === -1 || (given[differs] ?? 0) > (least[differs] ?? 0)) return undefined;
  return `Emberkeep needs Node.js ${least.join('.')} or newer, and this is ${version} (${process.execPath}); install a newer one, or start dist/main.js with it`;
}

function numbersOf(version: string): number[] {
  return version.split('.').map(Number);
}
