/**
 * How server-side apply takes a value apart (the `x-kubernetes-list-type`, `-map-type` of its schema). What is not said:
 * a map is as many values as it has fields, a list is one.
 */
export interface Shape {
  readonly fields?: Readonly<Record<string, Shape>>;
  /** The whole is one value. */
  readonly atomic?: boolean;
  /** A list whose items are told apart by these fields; with what a field is when it is not written. */
  readonly keys?: Readonly<Record<string, unknown>>;
  /** Of each item of a list with keys. */
  readonly item?: Shape;
  /** A list of scalars in which each is there once. */
  readonly set?: boolean;
}

export const ANY: Shape = {};
const ATOMIC: Shape = { atomic: true };
const CONDITIONS: Shape = { keys: { type: undefined } };

const METADATA: Shape = {
  fields: { ownerReferences: { keys: { uid: undefined }, item: ATOMIC }, finalizers: { set: true } },
};

function shape(fields: Readonly<Record<string, Shape>>): Shape {
  return { fields: { metadata: METADATA, ...fields } };
}

const CONTAINERS: Shape = {
  keys: { name: undefined },
  item: {
    fields: {
      env: { keys: { name: undefined } },
      ports: { keys: { containerPort: undefined, protocol: 'TCP' } },
      volumeMounts: { keys: { mountPath: undefined } },
    },
  },
};

const TEMPLATE: Shape = {
  fields: {
    metadata: METADATA,
    spec: {
      fields: {
        containers: CONTAINERS,
        initContainers: CONTAINERS,
        volumes: { keys: { name: undefined } },
        nodeSelector: ATOMIC,
      },
    },
  },
};

/** By kind; those that are not here have lists and maps of no special kind. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  Deployment: shape({
    spec: { fields: { selector: ATOMIC, template: TEMPLATE } },
    status: { fields: { conditions: CONDITIONS } },
  }),
  Service: shape({
    spec: { fields: { selector: ATOMIC, ports: { keys: { port: undefined, protocol: 'TCP' } } } },
    status: { fields: { conditions: CONDITIONS } },
  }),
  HorizontalPodAutoscaler: shape({
    status: { fields: { conditions: CONDITIONS } },
  }),
  Host: shape({ status: { fields: { conditions: CONDITIONS, members: { keys: { uid: undefined } } } } }),
  ServiceEntry: shape({ spec: { fields: { ports: { keys: { name: undefined } } } } }),
  Event: shape({ involvedObject: ATOMIC }),
  MutatingWebhookConfiguration: shape({ webhooks: { keys: { name: undefined } } }),
  ValidatingWebhookConfiguration: shape({ webhooks: { keys: { name: undefined } } }),
};

export const PLAIN: Shape = shape({});
