import { expect, test } from 'vitest';

import { calledFrom } from './called-code.ts';

const FILE = `class Pipe {
  watch(socket) {
    socket.on('error', (error) => {
      if (this.#isPart(socket)) this.#onError(socket, error); // not this.#never()
    });
    socket.on('end', () => this.stop());
  }

  #isPart(socket) {
    return socket === this.socket;
  }

  async #onError(socket, error) {
    log(error);
  }

  stop() {
    this.watch(1);
  }

  #never() {}
}

function log(error) {
  count(error);
}

const count = (error) => {
  total++;
};
`.split('\n');

const names = (line: number): string[] => calledFrom(FILE, line).map(({ name }) => name);

test('what a listener calls, and what that calls in turn', () => {
  expect(names(3)).toEqual(['#isPart', '#onError', 'log', 'count']);
  expect(calledFrom(FILE, 3)[1]).toEqual({ name: '#onError', first: 13, last: 15 });
});

test('a listener of one line; a function that calls the one it is in', () => {
  expect(names(6)).toEqual(['stop', 'watch', '#isPart', '#onError']);
});

test('nothing where nothing is called, and beyond the end of the file', () => {
  expect([names(10), names(999)]).toEqual([[], []]);
});
