/** Loaded before a test file: where there is no time left for it, it ends before it begins, and says so. */
const { EMBERKEEP_THOROUGH_UNTIL: until } = process.env;

if (until !== undefined && Date.now() / 1000 > Number(until)) {
  process.stdout.write('not begun: there was no time left\n');
  process.exit(0);
}
// Processes that the file starts with the flags of its own load this too; a test that has begun is ended by nobody.
delete process.env['EMBERKEEP_THOROUGH_UNTIL'];
