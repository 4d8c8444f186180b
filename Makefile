# Kontor: everything a person or a machine does with this tree. `make` alone tells what there is.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The first Go that is new enough; it fetches the toolchain that go.mod names by itself.
GO_FOLDER := $(shell scripts/find-go 2>/dev/null)
ifneq ($(GO_FOLDER),)
export PATH := $(GO_FOLDER):$(PATH)
endif
export GOTOOLCHAIN ?= auto

# The product has no C in it, and neither have its tests; only the race detector needs a C compiler.
export CGO_ENABLED := 0

# What --version says: the tag or commit that is built.
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
# In `make demo VERSION=H005` it is the version of EBICS, and not what is built.
ifneq ($(filter H003 H004 H005,$(VERSION)),)
PROTOCOL := $(VERSION)
override VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
endif

##@ Use

.PHONY: help
help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: build
build: need-go ## build bin/kontor
	go build -pgo=cmd/kontor/release.pgo -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/kontor ./cmd/kontor

.PHONY: deb
deb: need-go ## build a package for Debian in dist/
	scripts/deb

.PHONY: demo
demo: build ## play the main job, from payment file to statement; FILE=path uses your own pain.001, VERSION=H005 speaks EBICS 3.0
	bin/kontor demo $(if $(PROTOCOL),--protocol $(PROTOCOL)) $(if $(FILE),--file "$(FILE)")

.PHONY: run
run: build ## the same installation, left running with sample data until Ctrl-C
	bin/kontor demo --keep $(if $(PROTOCOL),--protocol $(PROTOCOL)) $(if $(FILE),--file "$(FILE)")

##@ Change

.PHONY: test
test: need-go test-deps bin/tools/testsum ## run all tests; as root on Debian it first installs what they need
	scripts/test

.PHONY: check
check: need-go fmt-check vet lint tidy mod-check generated race ## format, vet, linters, house rules, generated files, race detector
	@echo "check: all good"

.PHONY: check-long
check-long: check test-deps ## check, fuzz every reader for FUZZTIME each (default 60s), and the long form of the tests that have one
	scripts/fuzz
	KONTOR_LONG=1 go test -count=1 -timeout 120m -tags killpoints ./e2e/... ./internal/store ./xsd

.PHONY: bench
bench: build test-deps ## measure the processes; SHORT=1 is quick, WHAT=formats or figures is one table, PACKAGE=./xmlscan measures that package's functions instead
	$(if $(PACKAGE),go test -run '^$$' -bench . -benchmem $(PACKAGE),SHORT=$(SHORT) ENGINE=$(ENGINE) WHAT=$(WHAT) scripts/bench)

.PHONY: fmt
fmt: need-go ## format all Go files
	gofmt -w $$(scripts/go-files)

.PHONY: generate
generate: need-go ## make the generated files anew
	go generate ./...

.PHONY: profile
profile: need-go ## measure anew what is hot in the readers, for the compiler
	scripts/profile

.PHONY: test-deps
test-deps: ## see that the tests have what they need
	scripts/test-deps

# Parts of check, each usable alone.

.PHONY: fmt-check
fmt-check: need-go
	@unformatted=$$(gofmt -l $$(scripts/go-files)); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet: need-go
	go vet ./...
	go vet -tags killpoints ./...
	go -C tools vet ./testsum

.PHONY: lint
lint: need-go bin/tools/golangci-lint
	bin/tools/golangci-lint run ./...
	bin/tools/golangci-lint run --build-tags killpoints ./internal/killpoint/... $$(test ! -d e2e || echo ./e2e/...)
	cd tools && ../bin/tools/golangci-lint run --config ../.golangci.yml ./testsum

.PHONY: tidy
tidy: need-go
	go test -count=1 -run Tidy .

.PHONY: mod-check
mod-check: need-go
	go mod tidy -diff
	go mod verify

.PHONY: generated
generated: need-go
	scripts/generated

.PHONY: race
race: need-go test-deps
	scripts/race

.PHONY: clean
clean: ## remove what the build made
	rm -rf bin dist

.PHONY: need-go
need-go:
	@scripts/find-go >/dev/null

# Tools are pinned in tools/go.mod, apart from the product's modules, and built once.

bin/tools/golangci-lint: tools/go.mod tools/go.sum
	@echo "building golangci-lint, which takes some minutes once"
	go -C tools build -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

bin/tools/testsum: tools/go.mod $(wildcard tools/testsum/*.go)
	go -C tools build -o ../$@ ./testsum
	@touch $@
