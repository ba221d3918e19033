import type { Target } from './target.ts';
import { annotation } from './targets/annotation.ts';
import { file } from './targets/file.ts';
import { https } from './targets/https.ts';
import { reviewBody } from './targets/review.ts';
import { settings } from './targets/settings.ts';

/** All ways in. */
export const TARGETS: readonly Target[] = [annotation, reviewBody, settings, file, https];
