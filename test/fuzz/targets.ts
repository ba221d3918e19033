import type { Target } from './target.ts';
import { annotation } from './targets/annotation.ts';
import { file } from './targets/file.ts';
import { https } from './targets/https.ts';
import { reviewBody } from './targets/review.ts';
import { settings } from './targets/settings.ts';

/** All ways in, and the part of all inputs that each is given. */
export const TARGETS: readonly (readonly [target: Target, share: number])[] = [
  [annotation, 0.45],
  [reviewBody, 0.26],
  [settings, 0.27],
  [file, 0.015],
  [https, 0.005],
];
