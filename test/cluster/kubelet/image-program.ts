import type { ImageProgram, Images } from '../types.ts';
import type { Missing } from './objects.ts';

/** The program that an image stands for; tag and digest do not count. */
export function programOf(image: string, images: Images): ImageProgram | Missing {
  const name = image.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  const program = Object.hasOwn(images, name) ? images[name] : undefined;
  if (program !== undefined) return program;
  const known = Object.keys(images).sort().join(', ');
  return { missing: `no program stands for image "${image}" here, only for: ${known}`, reason: 'ErrImagePull' };
}
