import { KubeError } from '../kube/kube-error.ts';
import { CannotStart } from '../runtime/listen.ts';
import { Failure } from './failure.ts';

/** Turns what keeps a program from starting into one clear line; a mistake of ours stays what it is. */
export function startFailure(program: string): (error: unknown) => never {
  return error => {
    const isExpected = error instanceof CannotStart || error instanceof KubeError;
    throw isExpected ? new Failure(`waymark ${program} cannot start: ${error.message}`) : error;
  };
}
