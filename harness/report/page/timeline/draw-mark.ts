import type { Colours } from './colours.ts';
import type { Bar, Mark } from '../reading/lanes.ts';

type Look = { actor: Bar['actor']; timed: boolean; colours: Colours };

/**
 * Draws what an actor did or saw: a triangle for FIN, a cross for RST, a diamond for an error, a dot for the first byte, ticks for steps.
 * Sent: filled, pointing to the target. Seen: outlined, pointing away from it.
 */
export function drawMark(
  context: CanvasRenderingContext2D,
  { event }: Mark,
  x: number,
  y: number,
  { actor, timed, colours }: Look,
): void {
  context.lineWidth = 1.6;
  context.globalAlpha = timed ? 1 : 0.75;
  const toTarget = actor === 'client' ? 1 : -1;
  switch (event) {
    case 'established':
      fillRect(context, colours[actor], x - 0.75, y - 4.5, 1.5, 9);
      break;
    case 'step':
      fillRect(context, colours.panel, x - 0.5, y - 2.5, 1, 5);
      break;
    case 'first-byte':
      circle(context, x, y, 2, colours.panel);
      break;
    case 'fin-sent':
      triangle(context, { x, y, to: toTarget, colours, filled: true });
      break;
    case 'fin':
      triangle(context, { x, y, to: -toTarget, colours, filled: false });
      break;
    case 'rst-sent':
      circle(context, x, y, 5, colours.failed);
      cross(context, x, y, 2.4, colours.panel);
      break;
    case 'rst':
      circle(context, x, y, 5, colours.panel);
      cross(context, x, y, 3.6, colours.failed);
      break;
    case 'error':
      diamond(context, x, y, colours);
      break;
    case 'closed':
      fillRect(context, colours.text, x - 0.75, y - 4, 1.5, 8);
      break;
    case 'opened':
      break;
  }
  context.globalAlpha = 1;
}

function fillRect(
  context: CanvasRenderingContext2D,
  colour: string,
  ...at: [number, number, number, number]
): void {
  context.fillStyle = colour;
  context.fillRect(...at);
}

function circle(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  colour: string,
): void {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function cross(context: CanvasRenderingContext2D, x: number, y: number, size: number, colour: string): void {
  context.strokeStyle = colour;
  context.beginPath();
  context.moveTo(x - size, y - size);
  context.lineTo(x + size, y + size);
  context.moveTo(x + size, y - size);
  context.lineTo(x - size, y + size);
  context.stroke();
}

type Triangle = { x: number; y: number; to: number; colours: Colours; filled: boolean };

function triangle(context: CanvasRenderingContext2D, { x, y, to, colours, filled }: Triangle): void {
  context.beginPath();
  context.moveTo(x - 4, y - 3.5 * to);
  context.lineTo(x + 4, y - 3.5 * to);
  context.lineTo(x, y + 4 * to);
  context.closePath();
  context.fillStyle = filled ? colours.text : colours.panel;
  context.fill();
  context.strokeStyle = colours.text;
  context.lineWidth = 1.3;
  context.stroke();
}

function diamond(context: CanvasRenderingContext2D, x: number, y: number, colours: Colours): void {
  context.beginPath();
  context.moveTo(x, y - 5);
  context.lineTo(x + 5, y);
  context.lineTo(x, y + 5);
  context.lineTo(x - 5, y);
  context.closePath();
  context.fillStyle = colours.flaky;
  context.fill();
  context.strokeStyle = colours.panel;
  context.lineWidth = 1;
  context.stroke();
}
