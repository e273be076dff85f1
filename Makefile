# `make help` lists what there is to do. A fresh Debian 12 needs make and Go 1.25 for all of it; the rest is installed when missing.

# sudo drops /usr/local/go/bin from PATH, and that is where most people's Go stands.
GO      ?= $(or $(shell command -v go),$(wildcard /usr/local/go/bin/go))
PHP     ?= 8.2
SITE    ?= examples/site
LISTEN  ?= 127.0.0.1:8080
FUZZTIME ?= 30s

# git may be absent, and the tree may belong to somebody else: then the version is "dev".
VERSION ?= $(or $(shell git describe --tags --always --dirty 2>/dev/null),dev)
BUILD   := -trimpath -buildvcs=false
export GOFLAGS := -buildvcs=false $(filter-out -buildvcs=%,$(GOFLAGS))

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
NFPM        := github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2

RUN_PACKAGES  := $(if $(shell command -v php-cgi),,php$(PHP)-cgi php$(PHP)-opcache)
TEST_PACKAGES := php$(PHP)-cgi php$(PHP)-fpm php$(PHP)-cli php$(PHP)-opcache nginx-light acl systemd \
                 $(shell sed 's/\#.*//' e2e/packages.txt 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help build run test unit e2e lint race fuzz bench golden deps deb install clean need-go build-packages run-packages test-packages

help: ## Show this list
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS='	' read -r name text; do printf '  make %-8s %s\n' "$$name" "$$text"; done

build: need-go build-packages ## Build bin/howdah
	@CGO_ENABLED=0 $(GO) build $(BUILD) -ldflags '-X main.version=$(VERSION)' -o bin/howdah ./cmd/howdah

run: build run-packages ## Serve examples/site on http://127.0.0.1:8080 (SITE=dir, LISTEN=addr)
	@sh packaging/dev/run.sh bin/howdah $(SITE) $(LISTEN)

test: need-go build-packages test-packages ## Run all tests: unit, process and end to end
	@status=0; \
	$(MAKE) --no-print-directory unit || status=1; \
	$(MAKE) --no-print-directory e2e || status=1; \
	exit $$status

unit: need-go ## Run the tests of the packages (seconds)
	@$(GO) test -timeout 5m $$($(GO) list ./... | grep -v '/e2e')

e2e: need-go ## Run the tests with real nginx, php-cgi and php-fpm (minutes)
	@$(GO) test -timeout 15m ./e2e/...

race: need-go build-packages test-packages ## Run the packages' tests under the race detector
	@sh packaging/dev/deps.sh gcc libc6-dev
	@CGO_ENABLED=1 $(GO) test -race -timeout 10m $$($(GO) list ./... | grep -v '/e2e')

lint: need-go deb ## gofmt, go vet, staticcheck, shellcheck, lintian on the package
	@sh packaging/dev/deps.sh shellcheck lintian
	@lintian --allow-root bin/howdah_*.deb
	@unformatted=$$("$$($(GO) env GOROOT)/bin/gofmt" -l .); \
	if [ -n "$$unformatted" ]; then echo "not formatted (gofmt -w them):"; echo "$$unformatted"; exit 1; fi
	@$(GO) vet ./...
	@$(GO) run $(STATICCHECK) ./...
	@shellcheck .ci/run packaging/dev/*.sh e2e/testdata/deb/*.sh packaging/deb/build.sh packaging/deb/postinst packaging/deb/prerm packaging/deb/postrm

fuzz: need-go ## Run each fuzz target for 30 s (FUZZTIME=5m)
	@sh packaging/dev/fuzz.sh $(GO) $(FUZZTIME)

bench: build test-packages ## Compare with php-fpm behind the same nginx; prints the table
	@sh packaging/dev/deps.sh wrk
	@$(GO) run ./bench

golden: need-go ## Rewrite the generated files that tests compare
	@$(GO) test -run Golden $$(grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -n1 dirname | sort -u) -update

deps: build-packages run-packages test-packages ## Install the Debian packages that run and test need

deb: need-go build-packages ## Make the Debian package bin/howdah_VERSION_ARCH.deb
	@CGO_ENABLED=0 $(GO) build $(BUILD) -ldflags '-s -w -X main.version=$(VERSION)' -o bin/deb/howdah ./cmd/howdah
	@rm -f bin/howdah_*.deb
	@sh packaging/deb/build.sh $(GO) $(NFPM) $(VERSION) bin bin/deb/howdah

install: build ## Install the program and its systemd units (DESTDIR=dir for a package)
	@install -D -m 755 bin/howdah $(DESTDIR)/usr/bin/howdah
	@install -D -m 644 packaging/howdah.service $(DESTDIR)/lib/systemd/system/howdah.service
	@install -D -m 644 packaging/howdah.socket $(DESTDIR)/lib/systemd/system/howdah.socket
	@install -D -m 644 pool.toml.example $(DESTDIR)/etc/howdah/pool.toml.example
	@install -D -m 644 README.md $(DESTDIR)/usr/share/doc/howdah/README.md

clean: ## Remove what make built
	@rm -rf bin

need-go:
	$(if $(GO_TROUBLE),$(error $(GO_TROUBLE)))

# Go fetches modules by https.
build-packages:
	@sh packaging/dev/deps.sh ca-certificates

run-packages:
	@sh packaging/dev/deps.sh $(RUN_PACKAGES)

test-packages:
	@sh packaging/dev/deps.sh $(TEST_PACKAGES)

GO_TROUBLE = $(shell sh packaging/dev/go-version.sh '$(GO)')
