'use strict';
// A function that was taken out of its module before the check: only an early hook sees who calls it.
const { openSync } = require('node:fs');

const { noLeaks } = require('lastfin');

noLeaks(() => openSync(__filename), { settle: 100 }).catch((error) => console.log(error.message)); // leak: file
