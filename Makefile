# What a developer does here, by one word each; `make` lists them.

KIT   := ./kit/...
BENCH ?= .
FUZZ  ?= 10s

.PHONY: help test vet race bench fuzz generate demo ci

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

test: ## run every test; what is not installed is skipped in words
	go test -timeout 45m ./...

vet: ## check the format, go vet and staticcheck
	@test -z "$$(gofmt -l .)" || { echo 'not as gofmt writes it:'; gofmt -l .; exit 1; }
	go vet ./...
	go tool staticcheck ./...

race: ## run the kit's tests under the race detector, without the long storms
	go test -race -short $(KIT)

bench: ## measure latencies and throughput (BENCH=Name for one)
	go test -run '^$$' -bench '$(BENCH)' -benchtime 1x -timeout 30m $$(grep -rl --include='*_test.go' '^func Benchmark' kit cmd | xargs -n1 dirname | sort -u | sed 's|^|./|')

fuzz: ## run each fuzz target for a while (FUZZ=1m for longer)
	@grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' kit cmd templates | sed 's/:func / /' | while read -r file name; do \
		echo "== $$name in $$(dirname $$file)"; \
		go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZ) "./$$(dirname $$file)" || exit 1; \
	done

generate: ## write the examples and the templates' pinned modules anew
	go generate ./cmd/tackhammer

demo: ## make the receipts app in a folder of its own and run it
	go run ./cmd/tackhammer demo

ci: ## all that the build server does, in its order
	.ci/run
