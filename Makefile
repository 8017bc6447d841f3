# SPDX-License-Identifier: Apache-2.0
#
# A thin front: the targets that people know, each doing its own set-up. The build itself is Meson's (meson.build), and
# every variant has a folder of its own, so that none disturbs another: build/ build-asan/ build-clang/ build-minimal/ ...
#
#	make [JOBS=n]                   build everything into build/
#	make demo                       build the programs, and show the main job on a sample project, from branch to undo
#	make test [ARGS="-v NAME..."]   the whole suite; the last line is the result
#	make check                      everything that is judged before a commit lands: layers, docs, lints, variants
#	make asan                       build with address and undefined-behaviour sanitizers, run the unit tests
#	make clang                      build with clang, run the unit tests
#	make minimal                    build with every optional feature off, run the unit tests
#	make fuzz [T=json] [S=3600]     fuzz every target, or one, for S seconds each (60); T=list names them
#	make faults                     the whole table of faults: every program, with every errno, at every place of a call (an hour)
#	make soak                       200 sessions at once, 1,000 in a row, 100 idle together, 1,000,000 files (minutes)
#	make vm [ARGS="--only 6.1"]     Debian 12 under QEMU, on its own kernel and on a newer one: cgroup v2, AppArmor, Landlock ABI 2 (many minutes)
#	make bench [ARGS="--only start"] side by side with bwrap, unshare, runc, cp -a, git; keeps every sample
#	make bench-page                 write docs/bench.md, its charts and its samples from the last `make bench`
#	make cover                      branch coverage per folder, against the thresholds of tools/cover.toml
#	make format                     clang-format over the C files that git knows as changed (ALL=1: every one)
#	make floor-page                 write docs/floor.md anew from tables/floor.toml
#	make policy-pages               write docs/policies anew from the modules in data/policies
#	make terminal-page              write docs/terminal.md anew from tables/terminal.toml
#	make size                       lines per folder, bytes per program
#	make install PREFIX= DESTDIR=   /usr/local unless PREFIX says otherwise
#	make deb                        a Debian package in build-deb/
#	make dist-bin                   a tarball of the programs in build-dist/, to be unpacked anywhere
#	make clean                      remove the build folders
#	make help                       this list

MAKEFLAGS += --no-print-directory
SHELL = /bin/bash
.SHELLFLAGS = -euo pipefail -c

# Empty means "as many as there are processors".
JOBS ?=
PREFIX ?= /usr/local
DESTDIR ?=
ARGS ?=
T ?= all
S ?= 60

ninja = ninja $(if $(JOBS),-j$(JOBS)) -C
# Configure a folder once; meson notices by itself when a meson.build changes.
configure = [ -f $(1)/build.ninja ] || meson setup $(2) $(1)

.PHONY: all demo test check asan clang minimal fuzz faults soak vm bench bench-page cover format floor-page policy-pages terminal-page size install deb dist-bin \
	clean help
all:
	@tools/setup build
	@$(call configure,build,--prefix=$(PREFIX))
	@$(ninja) build

demo:
	@tools/setup build
	@$(call configure,build,--prefix=$(PREFIX))
	@$(ninja) build programs
	@tools/demo build

test:
	@tools/setup test
	@$(MAKE) all
	@tests/run --build build $(ARGS)

check:
	@tools/setup check
	@$(MAKE) all
	@tools/check

asan:
	@tools/setup check
	@$(call configure,build-asan,-Db_sanitize=address$(comma)undefined)
	@$(ninja) build-asan
	@tests/run --build build-asan --group unit $(ARGS)

clang:
	@tools/setup check
	@CC=clang; export CC; $(call configure,build-clang)
	@$(ninja) build-clang
	@tests/run --build build-clang --group unit $(ARGS)

minimal:
	@tools/setup build
	@$(call configure,build-minimal,-Dauto_features=disabled)
	@$(ninja) build-minimal
	@tests/run --build build-minimal --group unit $(ARGS)

fuzz:
	@tools/setup check
	@CC=clang; export CC; \
		$(call configure,build-fuzz,-Dfuzz=true -Db_sanitize=address$(comma)undefined -Db_lundef=false)
	@$(ninja) build-fuzz
	@tools/fuzz build-fuzz $(T) $(S)

faults:
	@$(MAKE) all
	@CORDON_TEST_PATIENCE=20 CORDON_FAULTS=all build/tests/fault/fault_test_commit
	@CORDON_TEST_PATIENCE=20 CORDON_STARVED=all build/tests/fault/fault_test_starved
	@CORDON_FAULTS=sites CORDON_FAULTS_GO_ON=1 CORDON_BUILD=$(CURDIR)/build tests/fault/test_processes.py
	@CORDON_FAULTS=sites CORDON_FAULTS_GO_ON=1 CORDON_BUILD=$(CURDIR)/build tests/fault/test_policies.py
	@CORDON_FAULTS=sites CORDON_FAULTS_GO_ON=1 CORDON_BUILD=$(CURDIR)/build tests/fault/test_gateways.py

soak:
	@$(MAKE) all
	@CORDON_SOAK=1 CORDON_BUILD=$(CURDIR)/build tests/e2e/test_many.py

vm:
	@tools/setup vm
	@$(MAKE) all
	@tests/vm/run --build build $(ARGS)

bench:
	@tools/setup bench
	@$(MAKE) all
	@tests/bench/run --build build $(ARGS)

bench-page:
	@tools/setup check
	@tests/bench/page

cover:
	@tools/setup check
	@$(call configure,build-cover,-Db_coverage=true -Dhardening=false -Dbuildtype=debug -Dwerror=false)
	@$(ninja) build-cover
	@tools/cover build-cover

format:
	@tools/setup check
	@tools/format $(if $(ALL),--all)

floor-page:
	@python3 tools/gen/floor.py page tables/floor.toml docs/floor.md

policy-pages:
	@$(MAKE) all
	@python3 tools/gen/policies.py build/src/cli/cordon data/policies docs

terminal-page:
	@python3 tools/gen/terminal.py page tables/terminal.toml docs/terminal.md

size:
	@tools/setup build
	@$(MAKE) all
	@tools/size build

# Ninja has nothing to do when `make` came first with the same PREFIX, so that `sudo make install` leaves no file of root's behind.
install:
	@tools/setup build
	@$(call configure,build,--prefix=$(PREFIX))
	@[ "$$(tools/meson-option build prefix)" = "$(PREFIX)" ] || meson configure build -Dprefix=$(PREFIX)
	@$(ninja) build
	@meson install -C build --no-rebuild $(if $(DESTDIR),--destdir=$(abspath $(DESTDIR)))

deb:
	@tools/setup test
	@tools/deb build-deb

dist-bin:
	@tools/setup build
	@tools/dist build-dist

clean:
	@rm -rf build build-asan build-clang build-minimal build-fuzz build-cover build-deb build-dist

help:
	@sed -n 's/^#\t//p' Makefile

comma := ,
