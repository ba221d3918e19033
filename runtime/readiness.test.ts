import { describe, expect, it } from '@jest/globals';
import { createReadiness } from './readiness.ts';

describe('readiness', () => {
  it('names what is missing, in the order of declaration', () => {
    const readiness = createReadiness(['port', 'certificate', 'caches'], () => undefined);

    readiness.set('certificate', true);

    expect(readiness.missing()).toEqual(['port', 'caches']);
  });

  it('is announced once, however often it is lost and found', () => {
    let announced = 0;
    const readiness = createReadiness(['port', 'caches'], () => announced++);

    readiness.set('port', true);
    readiness.set('caches', true);
    readiness.set('caches', false);
    readiness.set('caches', true);

    expect(announced).toBe(1);
    expect(readiness.missing()).toEqual([]);
  });

  it('is lost when a condition no longer holds', () => {
    const readiness = createReadiness(['caches'], () => undefined);

    readiness.set('caches', true);
    readiness.set('caches', false);

    expect(readiness.missing()).toEqual(['caches']);
  });
});
