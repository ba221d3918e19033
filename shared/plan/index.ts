/** What the controller's index asks of the core: which groups a Deployment or a live object takes part in. */
export { deploymentGroup, hostGroup, hostsOf } from './hosts.ts';
export { deploymentsOf, groupOf } from './live.ts';
export { isActedOn } from './scope.ts';
