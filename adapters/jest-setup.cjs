'use strict';
// Set-up file for Jest: `setupFilesAfterEnv: ['lastfin/jest/setup']` checks each test for what it leaves open.
const { checkEachTest } = require('./jest-native.cjs');

checkEachTest(globalThis);
