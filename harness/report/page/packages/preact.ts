export { Component, render } from 'preact';
export type { ComponentChildren, JSX } from 'preact';
export { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
