import type { CatalogueRow } from './row.ts';

/** WM100 to WM199: what shows only beside other objects and settings of the cluster. */
export const ACROSS_ROWS = [
  {
    code: 'WM100',
    name: 'NotOwned',
    severity: 'error',
    stops: 'named',
    meaning:
      'An object of the name that Waymark would write exists and is not its own. It is never touched; everything else is built.',
    bad: 'Service shop/tfserving-resnet50-20240501, made by hand',
    good: 'Rename or delete the other object.',
  },
  {
    code: 'WM101',
    name: 'HostTaken',
    severity: 'error',
    stops: 'named',
    meaning:
      'The host belongs to another namespace, as its Host says, or an older Deployment has all of it. Everything else is built.',
    bad: 'hosts: [resnet.example.com]   # in two Deployments',
    good: 'hosts: [resnet-b.example.com]',
  },
  {
    code: 'WM102',
    name: 'PathTaken',
    severity: 'error',
    stops: 'named',
    meaning:
      'On the host that all share, the path belongs to the namespace whose Mapping with it is the oldest: no other may have the same one, one below it or one above it.',
    bad: 'prefix: /models/resnet/   # of another namespace',
    good: 'prefix: /models/resnet-b/',
  },
  {
    code: 'WM103',
    name: 'RouteConflict',
    severity: 'error',
    stops: 'named',
    meaning: 'Two Mappings match the very same requests of one host, so that the later one would never be asked.',
    bad: 'prefix: /one/   # in two Mappings of one host, with the same method and headers',
    good: 'prefix: /one/\nmethod: POST',
  },
  {
    code: 'WM104',
    name: 'RoutesUnavailable',
    severity: 'warning',
    meaning:
      "The cluster does not serve Istio's VirtualService. Services and autoscalers are built; routes follow when it does.",
    bad: 'hosts: [resnet.example.com]   # without Istio',
    good: 'Install Istio.',
  },
  {
    code: 'WM105',
    name: 'SelectorUnusable',
    severity: 'error',
    meaning:
      'The selector of the Deployment has no `matchLabels` or has `matchExpressions` beside them. A Service selects by labels alone and would send traffic to other Pods.',
    bad: 'selector: {matchExpressions: [{key: app, operator: Exists}]}',
    good: 'selector: {matchLabels: {app: resnet50}}',
  },
  {
    code: 'WM106',
    name: 'AnnotationInvalid',
    severity: 'error',
    meaning:
      'The annotation as it is stored has an error, so nothing is done about the Deployment. What was built from its last good text stays.',
    bad: 'replicas: {min: 4, max: 2}   # stored while the webhook did not deny',
    good: 'replicas: {min: 2, max: 4}',
  },
  {
    code: 'WM107',
    name: 'ExternalIdTaken',
    severity: 'error',
    stops: 'named',
    meaning: 'Another Deployment has the number of access by address and port. Everything else is built.',
    bad: 'external: {id: 17}   # in two Deployments',
    good: 'external: {}   # a free one is taken',
  },
  {
    code: 'WM108',
    name: 'ExternalIdsExhausted',
    severity: 'error',
    stops: 'named',
    meaning: 'All numbers of access by address and port are taken. One gets free when the Service that has it is gone.',
    bad: 'external: {}   # of one service too many',
    good: 'external: false   # where nobody calls by address and port',
  },
  {
    code: 'WM109',
    name: 'ExternalAddressOfCluster',
    severity: 'error',
    stops: 'named',
    meaning:
      'The address belongs to the cluster itself: to a Node, to its Pods or to its Services. With kube-proxy in the mode ipvs such an address takes the Node off the network.',
    bad: 'external: {ips: [192.0.2.11]}   # a Node',
    good: 'external: {ips: [203.0.113.10]}   # of a load balancer in front of the Nodes',
  },
  {
    code: 'WM110',
    name: 'ExternalIPsDeprecated',
    severity: 'warning',
    meaning:
      'Kubernetes deprecates `externalIPs` of Services since 1.36, plans to switch them off by default in 1.40 and to remove them in 1.43. The platform can change `external.strategy` at any time: Services are edited in place.',
    bad: 'external.strategy: externalIPs   # on Kubernetes 1.36',
    good: 'external.strategy: loadBalancer',
  },
  {
    code: 'WM111',
    name: 'ScalerConflict',
    severity: 'error',
    stops: 'named',
    meaning:
      'Another autoscaler, a HorizontalPodAutoscaler or a ScaledObject of KEDA, has the same Deployment as its target. Two would fight, so Waymark makes none.',
    bad: 'replicas: {min: 2, max: 10}   # beside a ScaledObject for the same Deployment',
    good: 'Delete the other autoscaler, or leave `replicas` out.',
  },
  {
    code: 'WM112',
    name: 'ModelPathTaken',
    severity: 'warning',
    meaning:
      'On the host that all share, the path of this model goes to an older service with the same model name. Everything else is built.',
    bad: 'model: resnet50   # of another type, environment or namespace, on one `ingressHost`',
    good: 'model: resnet50-triton',
  },
  {
    code: 'WM113',
    name: 'LineConflict',
    severity: 'error',
    stops: 'named',
    meaning:
      'A service of another type, model or environment has the host. Versions of one line succeed each other there; other services share it by paths of their own, or by a split or mirror that names them. The older keeps it.',
    bad: 'hosts: [resnet.example.com]   # in Deployments of two models',
    good: 'split: {tfserving-resnet50-20240501: 50}   # beside the host',
  },
  {
    code: 'WM114',
    name: 'TargetMissing',
    severity: 'warning',
    meaning:
      'A target of `split` or `mirror` is not there, or is no Service that requests can be sent to. Its share stays with the others until it is.',
    bad: 'split: {tfserving-resnet50-20240401: 20}   # deleted meanwhile',
    good: 'split: {tfserving-resnet50-20240501: 20}',
  },
  {
    code: 'WM115',
    name: 'TargetNotReady',
    severity: 'warning',
    meaning:
      'A target of `split` or `mirror` has no endpoint that takes requests. Its share stays with the others until it has one.',
    bad: 'split: {tfserving-resnet50-20240401: 20}   # scaled to zero',
    good: 'Scale the target up, or take it out.',
  },
  {
    code: 'WM116',
    name: 'ConnectionsConflict',
    severity: 'error',
    stops: 'named',
    meaning:
      'Connections are made to a port of a host, in one way for all who send there. Somebody else has them made in another way: whose requests go there already keeps his, else the older. Everything else is built.',
    bad: 'connect_timeout_ms: 500   # another Mapping of the same `service` says 2000',
    good: 'connect_timeout_ms: 2000',
  },
] as const satisfies readonly CatalogueRow[];
