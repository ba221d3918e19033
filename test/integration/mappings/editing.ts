import type { Exchange, Topic } from './subject.ts';

const get = (path: string, headers: Readonly<Record<string, string>> = {}): Exchange['request'] => ({ path, headers });

export const editing: Topic = {
  add_request_headers: {
    mappings: {
      text: ['prefix: /text/', 'add_request_headers: {x-by: gateway}'],
      added: ['prefix: /added/', 'add_request_headers: {x-by: {value: gateway, append: true}}'],
      set: ['prefix: /set/', 'add_request_headers: {x-by: {value: gateway, append: false}}'],
      told: ['prefix: /told/', 'add_request_headers: {x-by: "%REQ(x-user)%", x-share: "50%%"}'],
      truth: ['apiVersion: ambassador/v0', 'prefix: /truth/', 'add_request_headers: {x-by: true}'],
      third: ['apiVersion: getambassador.io/v3alpha1', 'prefix: /third/', 'add_request_headers: {x-by: {value: v3}}'],
    },
    requests: {
      'adds one that is not there': { request: get('/text/'), seen: { headers: { 'x-by': 'gateway' } } },
      'adds to one that is there': {
        request: get('/text/', { 'x-by': 'client' }),
        seen: { headers: { 'x-by': 'client, gateway' } },
      },
      'adds to one that is there, if append says so': {
        request: get('/added/', { 'x-by': 'client' }),
        seen: { headers: { 'x-by': 'client, gateway' } },
      },
      'stands for one that is there, if append is false': {
        request: get('/set/', { 'x-by': 'client' }),
        seen: { headers: { 'x-by': 'gateway' } },
      },
      'fills in what it is told of the request, and makes one of two percent signs': {
        request: get('/told/', { 'x-user': 'alice' }),
        seen: { headers: { 'x-by': 'alice', 'x-share': '50%' } },
      },
      'writes true as text': { request: get('/truth/'), seen: { headers: { 'x-by': 'true' } } },
      'takes the form of v3alpha1': { request: get('/third/'), seen: { headers: { 'x-by': 'v3' } } },
    },
  },
  remove_request_headers: {
    mappings: {
      list: ['prefix: /list/', 'remove_request_headers: [x-secret, X-Other]'],
      text: ['prefix: /text/', 'remove_request_headers: x-secret'],
    },
    requests: {
      'takes all of the list away, and no other': {
        request: get('/list/', { 'x-secret': '1', 'x-other': '2', 'x-kept': '3' }),
        seen: { headers: { 'x-secret': undefined, 'x-other': undefined, 'x-kept': '3' } },
      },
      'takes one away that is written as text': {
        request: get('/text/', { 'x-secret': '1', 'x-other': '2' }),
        seen: { headers: { 'x-secret': undefined, 'x-other': '2' } },
      },
    },
  },
  'add_response_headers and remove_response_headers': {
    mappings: {
      add: ['prefix: /add/', 'add_response_headers: {x-by: gateway, x-echo-pod: {value: hidden, append: false}}'],
      remove: ['prefix: /remove/', 'remove_response_headers: [x-echo-pod]'],
    },
    requests: {
      'add to the answer, and stand for what is there': {
        request: get('/add/'),
        answer: { headers: { 'x-by': 'gateway', 'x-echo-pod': 'hidden' } },
      },
      'take away from the answer': { request: get('/remove/'), answer: { headers: { 'x-echo-pod': undefined } } },
    },
  },
  cors: {
    mappings: {
      m: [
        'prefix: /cors/',
        'cors: {origins: "https://a.example.com,https://b.example.com", methods: "GET, PUT", headers: X-Token, exposed_headers: x-echo-pod, credentials: true, max_age: "600"}',
      ],
      all: ['prefix: /all/', 'cors: {origins: ["*"], methods: [GET]}'],
    },
    requests: {
      'answers the question of a browser by itself': {
        request: preflight('/cors/', 'https://b.example.com'),
        answer: {
          headers: {
            'x-echo-pod': undefined,
            'access-control-allow-origin': 'https://b.example.com',
            'access-control-allow-methods': 'GET,PUT',
            'access-control-allow-headers': 'X-Token',
            'access-control-allow-credentials': 'true',
            'access-control-max-age': '600',
          },
        },
      },
      'says nothing to another origin, whose question is sent on, as with Ambassador': {
        request: preflight('/cors/', 'https://c.example.com'),
        seen: { method: 'OPTIONS' },
        answer: { headers: { 'access-control-allow-origin': undefined } },
      },
      'tells a browser what it may read': {
        request: get('/cors/', { origin: 'https://a.example.com' }),
        seen: { path: '/' },
        answer: {
          headers: {
            'access-control-allow-origin': 'https://a.example.com',
            'access-control-expose-headers': 'x-echo-pod',
            'access-control-allow-credentials': 'true',
          },
        },
      },
      'of every origin answers any': {
        request: preflight('/all/', 'https://c.example.com'),
        answer: { headers: { 'access-control-allow-origin': 'https://c.example.com', 'x-echo-pod': undefined } },
      },
    },
  },
};

function preflight(path: string, origin: string): Exchange['request'] {
  return { path, method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PUT' } };
}
