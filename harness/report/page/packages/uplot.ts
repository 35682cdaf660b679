/** Charts on a canvas. The module is a class; its types are a namespace of the same name. */
export { default as UPlot } from 'uplot';
