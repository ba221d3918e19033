# Everything a developer runs. `make` alone lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The checkout's own Node 24, whatever the system has.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

JEST := node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js
SANDBOX := node test/cluster/sandbox.ts --
INSTALLED := node_modules/.package-lock.json

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | awk -F'\t' '{ printf "  make %-18s %s\n", $$1, $$2 }'

$(INSTALLED): package.json package-lock.json
	npm ci
	@touch $(INSTALLED)

.PHONY: demo
demo: $(INSTALLED) ## a whole cluster with Waymark and the examples, until Ctrl-C (EXIT=1: ends by itself)
	$(SANDBOX) node scripts/demo.ts $(if $(EXIT),--exit)

.PHONY: test
test: $(INSTALLED) ## everything: types, lint, format, unit, real control plane, real Envoy
	node scripts/test.ts

.PHONY: unit
unit: $(INSTALLED) ## tests that need nothing but Node
	$(JEST) --selectProjects=unit

.PHONY: integration
integration: $(INSTALLED) ## tests on the real control plane (ONLY=path narrows)
	$(SANDBOX) $(JEST) --selectProjects=integration --runInBand $(ONLY)

.PHONY: check
check: $(INSTALLED) ## types, lint, format
	tsc --noEmit
	eslint . --max-warnings 0
	prettier --check .

.PHONY: golden
golden: $(INSTALLED) ## rewrite the golden files; read the diff
	UPDATE_GOLDEN=1 $(JEST) --selectProjects=unit test/golden

.PHONY: docs
docs: $(INSTALLED) ## rewrite docs/reference from the tables in shared/
	node scripts/docs.ts

.PHONY: fuzz
fuzz: $(INSTALLED) ## a million made-up inputs (INPUTS=n, SEED=n; ONLY=target; REPLAY=file)
	node test/fuzz/main.ts $(if $(INPUTS),--inputs $(INPUTS)) $(if $(SEED),--seed $(SEED)) $(addprefix --only ,$(ONLY)) $(addprefix --replay ,$(REPLAY))

.PHONY: simulate
simulate: $(INSTALLED) ## the controller in a hundred thousand made-up clusters (SCHEDULES=n, FROM=seed; SEED=n replays one)
	node test/simulator/main.ts $(if $(SCHEDULES),--schedules $(SCHEDULES)) $(if $(FROM),--from $(FROM)) $(if $(SEED),--seed $(SEED))

.PHONY: bench-admission
bench-admission: $(INSTALLED) ## the webhook against a bare HTTPS server and Pepr
	node test/bench/admission.ts

.PHONY: bench-apply
bench-apply: $(INSTALLED) ## what the webhook adds to an apply, with up to 5000 Deployments stored
	node test/cluster/sandbox.ts -- node test/bench/apply.ts

.PHONY: bench-controller
bench-controller: $(INSTALLED) ## what the controller costs with up to 10000 Deployments (SIZES=n,n; PROFILE=folder)
	$(SANDBOX) node test/bench/controller.ts

.PHONY: bench-takeover
bench-takeover: $(INSTALLED) ## one version after another under traffic, beside Argo Rollouts and Flagger (ROUNDS=n)
	$(SANDBOX) node test/bench/takeover.ts

.PHONY: cluster
cluster: $(INSTALLED) ## build or obtain the control plane, Istio and Envoy into .cache
	node test/cluster/main.ts build

.PHONY: build
build: $(INSTALLED) ## compile to dist/
	npm run --silent build
