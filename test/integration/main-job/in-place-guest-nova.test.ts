import { testGuestInPlace } from './guest-in-place.ts';

testGuestInPlace('nova');
