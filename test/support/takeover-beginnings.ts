import { TakeoverStage } from './takeover-stage.ts';

/** One version that leads and a newer one that is not ready yet. */
export function two(): TakeoverStage {
  const stage = new TakeoverStage();
  stage.apply('v1');
  stage.ready('web-a-1');
  stage.wait(60_000);
  stage.apply('v2');
  return stage;
}

/** The newer one has led long enough. */
export function succeeded(): TakeoverStage {
  const stage = two();
  stage.ready('web-a-2');
  stage.wait(60_000);
  return stage;
}
