# The front door: `make help` says what there is.

PHASE   := deploy/native/phase
STACK   := deploy/native/stack.py
# Debian's own: it sees Debian's pytest, boto3, redis and pika.
PYTHON  := /usr/bin/python3
# Whether there are containers to ask about.
ENGINE  := docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1
SOURCES  = $(shell git ls-files '*.h' '*.cpp')
CTEST    = ctest --test-dir build/$(PRESET) --output-on-failure --no-tests=error
PRESET   = dev

# Other servers than this machine's, where they are asked for: newer, or valkey.
ifdef SERVERS
export COMPORTA_SERVERS := $(shell deploy/native/newer-servers $(SERVERS))
ifneq ($(.SHELLSTATUS),0)
$(error these servers are not to be had)
endif
endif

# A sanitizer's finding is a failure; ThreadSanitizer of this compiler needs the addresses of old kernels.
export UBSAN_OPTIONS = halt_on_error=1:print_stacktrace=1
export TSAN_OPTIONS  = halt_on_error=1:suppressions=$(CURDIR)/tests/tsan.suppressions
tsan build-tsan: ADDRESSES := $(shell setarch --addr-no-randomize true 2>/dev/null && echo setarch --addr-no-randomize)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run up down clean status logs dead reactions trace replay admin build packages packages-test test tools dev unit contract check-kinds forms metrics-page dashboards dashboard-pictures system browser \
        chaos upgrade-test mutants api-test fuzz bench bench-compare bench-micro bench-report compose-engine compose-test kube-check kube-test \
        asan tsan build-asan build-tsan tidy check format

help: ## this list
	@awk -F ':.*## ' '/^[a-z -]+:.*## / {printf "make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## installs what is missing, builds, starts everything, shows one upload from door to disk; DEMO=1 with accounts and payments; MONITORING=1 beside Prometheus
	@deploy/native/install build run $(if $(MONITORING),monitoring)
	@$(MAKE) --no-print-directory build
	@$(STACK) up

up: ## the same in containers, with nothing but Docker: builds the images, starts everything, waits until it is ready
	@docker compose up --build --wait

down: ## stops whatever runs, processes and containers; the data stays
	@if [ -d var ]; then $(STACK) down; fi
	@if $(ENGINE); then docker compose down; fi

clean: ## stops whatever runs, and removes its data
	@if [ -d var ]; then $(STACK) clean; fi
	@if $(ENGINE); then docker compose down --volumes; fi

status: ## which part runs, with its pid and ports
	@$(STACK) status

logs: ## the end of every log; PART=storage for one, FOLLOW=1 to go on
	@$(STACK) logs $(PART) $(if $(FOLLOW),--follow)

dead: ## what could not be processed; ARGS="redrive --kind order", ARGS=--help
	@$(STACK) operator dead $(or $(ARGS),list)

reactions: ## what waits to be asked of others; ARGS="retry ID", ARGS="give-up ID"
	@$(STACK) operator reactions $(or $(ARGS),list)

trace: ## follows one upload through all parts, and its lines in the logs; UPLOAD=0193…, ARGS=--help
	@$(STACK) operator trace $(UPLOAD) $(ARGS)

replay: ## makes Redis anew from the objects, while all goes on; ARGS="--kind order", ARGS=--help
	@$(STACK) operator replay $(ARGS)

admin: ## makes an admin, or makes one of an account: EMAIL=ana@example.com KIND=client; ARGS=--ask for its password
	@$(STACK) operator admin $(if $(EMAIL),add --login "$(EMAIL)" $(if $(KIND),--kind "$(KIND)") $(ARGS),list)

build: ## the daemons, optimised, in build/release
	@$(PHASE) "configure release" cmake --preset release
	@$(PHASE) "build release" cmake --build --preset release

packages: ## the Debian packages, in build/packages
	@$(PHASE) "packaging tools" deploy/native/install build packages
	@$(MAKE) --no-print-directory build
	@$(PHASE) "packages" deploy/debian/build

packages-test: packages ## installs, uses and purges them on a Debian booted for it; lintian; needs root
	@$(PHASE) "tools to test packages" deploy/native/install packages-test
	@$(PHASE) "package tests" $(PYTHON) -m pytest tests/packages

test: tools dev unit contract ## everything: builds, then all the tests below, the last two side by side; SERVERS=newer, or valkey: on those
	@printf '%s\n' system browser | PHASE_BESIDE=1 xargs -P 2 -n 1 $(MAKE) --no-print-directory

tools:
	@$(PHASE) "tools" deploy/native/install build run test

dev:
	@$(PHASE) "configure $(PRESET)" cmake --preset $(PRESET)
	@$(PHASE) "build $(PRESET)" $(ADDRESSES) cmake --build --preset $(PRESET)

unit: ## tests without any server
	@$(PHASE) "unit tests $(PRESET)" $(ADDRESSES) $(CTEST) -L unit -j 2

contract: ## tests of each wrapper against its real server, started for it
	@$(PHASE) "contract tests $(PRESET)$(SERVERS:%= %)" $(STACK) with-servers $(ADDRESSES) $(CTEST) -L contract

dashboards: ## writes Grafana's files of deploy/monitoring/dashboards.py
	@deploy/monitoring/dashboards.py

dashboard-pictures: ## draws docs/dashboards, of a whole started for it that works for some minutes
	@$(PHASE) "picture packages" deploy/native/install run test bench
	@$(PHASE) "browser packages" npm ci --prefix tests/browser --no-audit --no-fund
	@$(PHASE) "dashboard pictures" tests/dashboards/pictures.py

forms: ## writes the samples of what this version writes down into tests/data/forms: once, when it is given to people
	@$(PHASE) "samples" $(PYTHON) tests/system/capture_forms.py

metrics-page: ## writes the list of metrics in docs/OPERATIONS.md
	@$(PHASE) "metrics page" $(STACK) with-stack tests/system/metrics_page.py

check-kinds: ## runs the examples of all kinds, or of one: KIND=order
	@$(PHASE) "configure $(PRESET)" cmake --preset $(PRESET)
	@$(PHASE) "build check_kinds" cmake --build --preset $(PRESET) --target check_kinds
	@$(STACK) with-redis build/$(PRESET)/tests/kinds/check_kinds kinds $(KIND)

system: ## tests of the whole, started for it
	@$(PHASE) "system tests$(SERVERS:%= %)" $(PYTHON) -m pytest tests/system tests/provider -n 3 --dist loadfile

browser: ## tests of the page in Chromium
	@$(PHASE) "browser packages" npm ci --prefix tests/browser --no-audit --no-fund
	@tests/browser/hasty_kinds.py kinds build/hasty-kinds
	@$(PHASE) "browser tests$(SERVERS:%= %)" $(STACK) with-stack --payments --kinds build/hasty-kinds npm test --prefix tests/browser

api-test: ## holds the running whole, started for it, to its OpenAPI document; EXAMPLES=60 SEED=7
	@$(PHASE) "api packages" deploy/native/install api
	@$(PHASE) "api tests" $(STACK) with-stack tests/api/run

SECONDS = 60
fuzz: ## fuzzing under address+undefined sanitizer; SECONDS=60 of each target, two at a time
	@$(PHASE) "fuzz packages" deploy/native/install build fuzz
	@$(PHASE) "configure fuzz" cmake --preset fuzz
	@$(PHASE) "build fuzz" cmake --build --preset fuzz
	@tests/fuzz/campaign.py --seconds $(SECONDS)

chaos: tools dev ## kills and cuts off everything under load, then counts: SEED=7 MINUTES=2
	@$(PYTHON) tests/chaos/chaos.py --seed "$(SEED)" --minutes $(or $(MINUTES),2)

upgrade-test: tools dev ## replaces each daemon by that of the version before, and back, under the load of chaos: FROM=commit MINUTES=2
	@$(PYTHON) tests/chaos/chaos.py --upgrade "$(FROM)" --seed "$(SEED)" --minutes $(or $(MINUTES),2)

mutants: tools ## puts slips into a copy of the code, and says which no test notices; ONLY="publisher-*" MINUTES=60
	@$(PYTHON) tests/mutants/run.py --only "$(ONLY)" --minutes $(or $(MINUTES),60)

compose-engine:
	@$(PHASE) "compose packages" deploy/native/install compose
	@$(PHASE) "compose engine" tests/compose/engine

compose-test: compose-engine ## tests of the containers, in a project of their own; needs a Docker engine
	@$(PHASE) "compose tests" $(PYTHON) -m pytest tests/compose

kube-check: ## the manifests of Kubernetes: what kustomize makes of them, their schemas, kube-score
	@$(PHASE) "kubernetes packages" deploy/native/install kubernetes
	@$(PHASE) "kubernetes manifests" $(PYTHON) -m pytest tests/kubernetes/static

kube-test: kube-check compose-engine ## tests of the whole in a cluster of one node, made for it; KUBE_LAB names what makes one
	@$(PHASE) "kubernetes images" tests/kubernetes/lab/run prepare
	@$(PHASE) "kubernetes tests" tests/kubernetes/lab/run tests

asan tsan: ## unit and contract tests under address+undefined, or thread, sanitizer
	@$(MAKE) --no-print-directory PRESET=$@ ADDRESSES="$(ADDRESSES)" dev unit contract

build-asan build-tsan:
	@$(MAKE) --no-print-directory PRESET=$(@:build-%=%) ADDRESSES="$(ADDRESSES)" dev

bench: ## measures all of it, beside its peers, into build/bench/results.json; half an hour, or QUICK=1
	@$(PHASE) "bench packages" deploy/native/install build run test bench
	@$(MAKE) --no-print-directory build
	@$(PHASE) "build benchmarks" cmake --build --preset release --target bench_all
	@bench/run.py $(if $(QUICK),--quick)

bench-compare: ## this tree beside an earlier commit, in turns: BASE=HEAD~1 ROUNDS=6
	@$(PHASE) "bench packages" deploy/native/install build run test bench
	@bench/compare.py $(or $(BASE),HEAD~1) --rounds $(or $(ROUNDS),6)

bench-micro: ## the hot functions alone, and what a record costs Redis
	@$(PHASE) "configure release" cmake --preset release
	@$(PHASE) "build benchmarks" cmake --build --preset release --target bench_all
	@bench/run.py $(if $(QUICK),--quick) micro

bench-report: ## writes the last measurement into docs/PERFORMANCE.md, and its plots
	@bench/report.py
	@bench/plot.py

tidy: ## clang-tidy over all that it has not found clean before
	@$(PHASE) "configure tidy" cmake --preset tidy
	@$(PHASE) "clang-tidy" tests/tidy/run.py build/tidy

check: ## the format of the sources, and the rules of the layout
	@$(PHASE) "format" clang-format --dry-run --Werror $(SOURCES)
	@$(PHASE) "layout" $(PYTHON) -m pytest tests/layout tests/tidy

format: ## formats the sources
	@clang-format -i $(SOURCES)
