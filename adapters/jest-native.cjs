'use strict';
// Jest runs each test file in a realm with a module loader of its own, which cannot load ES modules on every Node and would load lastfin
// anew for each file. Its `Module` is a subclass of the native one: from that lastfin is loaded once a process, by Node itself.
const { Module } = require('node:module');

const native = Object.getPrototypeOf(Module);
const { createRequire } = typeof native.createRequire === 'function' ? native : Module;

module.exports = createRequire(__filename)('../dist/adapters/jest-core.js');
