'use strict';

it('runs in the next file', () => undefined);
