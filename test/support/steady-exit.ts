/**
 * To be imported before a test file: V8 makes no machine code in the background. A thread that does so may ask the main thread to collect
 * garbage, and when that is in `process.exit` (`--test-force-exit`) they wait for each other for ever: nodejs/node issue 54918,
 * seen here with both kinds of code, in one of some ten thousand processes.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--no-concurrent-sparkplug');
setFlagsFromString('--no-maglev-build-code-on-background');
