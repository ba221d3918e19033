import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { createTalliedHistogram } from './tallies.ts';

const NAMES = { name: 'waymark_seconds', help: 'How long it took.' };
const BUCKETS = [0.001, 0.5, 1, 10];

describe('a histogram of tallies', () => {
  it("W31: reads like the library's own, whatever is observed", async () => {
    const value = fc.oneof(fc.constantFrom(...BUCKETS), fc.double({ min: 0, max: 20, noNaN: true }));
    const observations = fc.array(fc.tuple(fc.constantFrom('CREATE', 'UPDATE'), value), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(observations, async observed => {
        const [own, library] = [new Registry(), new Registry()];
        const histogram = createTalliedHistogram({ ...NAMES, buckets: BUCKETS, registry: own });
        const rival = new Histogram({ ...NAMES, buckets: BUCKETS, labelNames: ['operation'], registers: [library] });
        const tallies = new Map<string, ReturnType<typeof histogram.tally>>();

        for (const [operation, one] of observed) {
          const tally = tallies.get(operation) ?? histogram.tally({ operation });
          tallies.set(operation, tally);
          histogram.observe(tally, one);
          rival.observe({ operation }, one);
        }

        expect(await own.metrics()).toBe(await library.metrics());
      }),
    );
  });

  it('W31: has all its lines before anything is observed, when it has no labels', async () => {
    const registry = new Registry();
    createTalliedHistogram({ ...NAMES, buckets: BUCKETS, registry }).tally({});

    const text = await registry.metrics();

    expect(text).toContain('waymark_seconds_bucket{le="+Inf"} 0\n');
    expect(text).toContain('waymark_seconds_count 0\n');
  });
});
