'use strict';
const { forJest } = require('./jest-native.cjs');

module.exports = forJest(globalThis);
