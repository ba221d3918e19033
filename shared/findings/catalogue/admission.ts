import type { CatalogueRow } from './row.ts';

/** WM200 to WM299: what admission says about the change itself. */
export const ADMISSION_ROWS = [
  {
    code: 'WM200',
    name: 'NotInjected',
    severity: 'warning',
    meaning:
      'The Deployment was stored without its environment variables, because the webhook was not asked. Its next update completes it.',
    bad: 'A Deployment applied while the webhook was away and its failure policy was Ignore.',
    good: 'Apply it again.',
  },
  {
    code: 'WM201',
    name: 'MutationMissing',
    severity: 'error',
    meaning:
      'The variables that the mutating webhook adds are not in the object that is to be stored: it was not asked, or something later took them out.',
    bad: 'Another webhook removes `KUBEFLOW_ENV`.',
    good: 'Both webhooks of Waymark are installed, and no other one touches these variables.',
  },
  {
    code: 'WM202',
    name: 'BookkeepingChanged',
    severity: 'error',
    meaning: 'An annotation that only Waymark writes was changed. It may be sent back as it is, or left out.',
    bad: "waymark.dev/injected: '{}'",
    good: 'Leave it out of the manifest.',
  },
  {
    code: 'WM203',
    name: 'BookkeepingDropped',
    severity: 'warning',
    meaning:
      'A new Deployment came with an annotation that only Waymark writes, for example copied from another one. It was taken out.',
    bad: "waymark.dev/replicas: '3'   # in a new Deployment",
    good: 'Leave it out of the manifest.',
  },
  {
    code: 'WM204',
    name: 'UserVariableKept',
    severity: 'warning',
    meaning: 'A container sets a variable itself that Waymark would add. It stays as it is.',
    bad: 'env: [{name: KUBEFLOW_ENV, value: prod}]',
    good: 'Leave it out, and the annotation decides.',
  },
  {
    code: 'WM205',
    name: 'VersionCollision',
    severity: 'error',
    meaning: 'Another version with the same digits has this name already: a name holds the digits only.',
    bad: 'version: v2024.0501   # of the Deployment that was v2024.05.01',
    good: 'version: v2024.05.02   # in a new Deployment',
  },
  {
    code: 'WM206',
    name: 'ReplicasKept',
    severity: 'warning',
    meaning:
      'An update would have reset `spec.replicas` while an autoscaler of Waymark drives the Deployment, or would have started a retired one. The live value stays.',
    bad: 'replicas: 2   # in the manifest, while the autoscaler holds 7',
    good: 'Leave `spec.replicas` out of the manifest. `replicas: 0` still stops the Deployment.',
  },
  {
    code: 'WM207',
    name: 'PatchTooLarge',
    severity: 'error',
    meaning: 'The variables would make a patch of more than 1 MiB.',
    bad: 'Thousands of containers in one Pod.',
    good: 'Fewer containers.',
  },
] as const satisfies readonly CatalogueRow[];
